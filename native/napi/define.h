// Puts a native function on the exports object.
#pragma once

#include <node_api.h>

namespace beamlink {

// `owner` is what Arguments::owner() gives back; it lives as long as the environment.
// False with an exception pending.
inline bool DefineFunction(napi_env env, napi_value exports, const char* name,
                           napi_callback callback, void* owner) {
  napi_value function = nullptr;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, owner, &function) == napi_ok &&
         napi_set_named_property(env, exports, name, function) == napi_ok;
}

}  // namespace beamlink
