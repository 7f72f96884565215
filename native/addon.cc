// The root of one Node environment: what is built when the addon is loaded and ended, in reverse
// order, when the environment goes.
#include <napi.h>

#include "napi/buffers.h"
#include "napi/codec_face.h"
#include "napi/reactor_face.h"

namespace beamlink {
namespace {

class Environment : public Napi::Addon<Environment> {
 public:
  Environment(Napi::Env env, Napi::Object exports)
      : codec_(&buffers_, &book_, &event_atoms_), reactor_(&buffers_, &book_, &event_atoms_) {
    const bool exported = codec_.Export(env, exports) && reactor_.Export(env, exports);
    if (!exported) return;  // an exception is pending
    // Enumerable, as the functions of the faces are: lib/native/load.ts copies them all.
    DefineAddon(exports, {InstanceMethod("attach", &Environment::Attach, napi_enumerable)});
  }

 private:
  Napi::Value Attach(const Napi::CallbackInfo& info) {
    buffers_.Attach(info.Env(), info[0]);
    return info.Env().Undefined();
  }

  // The order of members is the order of life.
  Buffers buffers_;
  AtomBook book_;
  AtomTable event_atoms_;
  CodecFace codec_;
  ReactorFace reactor_;
};

NODE_API_ADDON(Environment)

}  // namespace
}  // namespace beamlink
