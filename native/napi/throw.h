// The only maker of JavaScript errors. lib/native turns them into ErlangErrors; they never reach
// users as they are.
#pragma once

#include <cstddef>

#include <node_api.h>

#include "base/status.h"

namespace beamlink {

// Throws an Error with `code` (a NativeReason of lib/native/contract.ts) and `offset`, the byte at
// which the trouble was found. Returns undefined's stand-in for a native callback: nullptr.
napi_value ThrowStatus(napi_env env, const Status& status, size_t offset);

// Throws a TypeError: lib/native called the addon wrongly, which is a fault of beamlink itself.
napi_value ThrowMisuse(napi_env env, const char* message);

}  // namespace beamlink
