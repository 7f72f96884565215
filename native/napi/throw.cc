#include "napi/throw.h"

namespace beamlink {
napi_value ThrowStatus(napi_env env, const char* reason, const Status& status, size_t offset) {
  napi_value code = nullptr;
  napi_value message = nullptr;
  napi_value error = nullptr;
  napi_value at = nullptr;
  // A failure here means that an exception is already on its way.
  if (napi_create_string_utf8(env, reason, NAPI_AUTO_LENGTH, &code) == napi_ok &&
      napi_create_string_utf8(env, status.message().data(), status.message().size(), &message) ==
          napi_ok &&
      napi_create_error(env, code, message, &error) == napi_ok &&
      napi_create_double(env, static_cast<double>(offset), &at) == napi_ok &&
      napi_set_named_property(env, error, "offset", at) == napi_ok) {
    napi_throw(env, error);
  }
  return nullptr;
}

napi_value ThrowMisuse(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

}  // namespace beamlink
