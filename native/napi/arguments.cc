#include "napi/arguments.h"

namespace beamlink {

std::string TextOf(napi_env env, napi_value value) {
  size_t size = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return {};
  std::string text(size, '\0');
  napi_get_value_string_utf8(env, value, text.data(), size + 1, &size);
  return text;
}

bool BytesOf(napi_env env, napi_value value, std::span<const uint8_t>* bytes, bool* shared) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  napi_value memory = nullptr;
  const napi_status status =
      napi_get_typedarray_info(env, value, &type, &length, &data, &memory, nullptr);
  if (status != napi_ok || type != napi_uint8_array) return false;
  *bytes = {static_cast<const uint8_t*>(data), length};
  if (shared == nullptr) return true;
  // To Node-API a SharedArrayBuffer is no ArrayBuffer.
  bool own = false;
  napi_is_arraybuffer(env, memory, &own);
  *shared = !own;
  return true;
}

bool BytesOfAll(napi_env env, napi_value array, std::vector<std::span<const uint8_t>>* all) {
  uint32_t count = 0;
  if (napi_get_array_length(env, array, &count) != napi_ok) return true;
  all->resize(count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value element = nullptr;
    if (napi_get_element(env, array, i, &element) != napi_ok) return false;
    if (!BytesOf(env, element, &(*all)[i])) return false;
  }
  return true;
}

}  // namespace beamlink
