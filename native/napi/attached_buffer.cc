#include "napi/attached_buffer.h"

namespace beamlink {

bool AttachedBuffer::Attach(napi_env env, napi_value value) {
  void* memory = nullptr;
  size_t size = 0;
  if (napi_get_arraybuffer_info(env, value, &memory, &size) != napi_ok) return false;
  napi_ref reference = nullptr;
  if (napi_create_reference(env, value, 1, &reference) != napi_ok) return false;
  Drop();
  env_ = env;
  reference_ = reference;
  bytes_ = {static_cast<uint8_t*>(memory), size};
  return true;
}

}  // namespace beamlink
