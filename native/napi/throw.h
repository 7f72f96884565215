// The only maker of JavaScript errors. lib/native turns them into ErlangErrors; they never reach
// users as they are.
#pragma once

#include <cstddef>

#include <node_api.h>

#include "base/status.h"

namespace beamlink {

// Throws an Error with `code` (`reason`, a NativeReason of lib/native/contract.ts) and `offset`,
// the byte or the word of the tape at which the trouble was found. Returns nullptr, which a native
// callback returns as undefined.
napi_value ThrowStatus(napi_env env, const char* reason, const Status& status, size_t offset);

// Throws a TypeError: lib/native called the addon wrongly, which is a fault of beamlink itself.
napi_value ThrowMisuse(napi_env env, const char* message);

}  // namespace beamlink
