#include "napi/buffers.h"

#include <utility>

#include "napi/throw.h"

namespace beamlink {

bool Buffers::Attach(napi_env env, napi_value given) {
  const std::pair<const char*, AttachedBuffer*> all[] = {
      {"encodeOps", &encode_ops}, {"encodeText", &encode_text}, {"decodeOps", &decode_ops},
      {"output", &output},        {"events", &events},          {"frameOps", &frame_ops},
      {"frameText", &frame_text}, {"frameTable", &frame_table},
  };
  for (const auto& [name, buffer] : all) {
    bool present = false;
    napi_value value = nullptr;
    if (napi_has_named_property(env, given, name, &present) != napi_ok) return false;
    if (!present) continue;
    if (napi_get_named_property(env, given, name, &value) != napi_ok) return false;
    if (!buffer->Attach(env, value)) {
      ThrowMisuse(env, "attach: a buffer must be an ArrayBuffer");
      return false;
    }
  }
  return true;
}

}  // namespace beamlink
