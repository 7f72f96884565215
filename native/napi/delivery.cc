#include "napi/delivery.h"

namespace beamlink {

bool Delivery::Start(napi_env env, napi_value on_events) {
  napi_value name = nullptr;
  if (napi_create_string_utf8(env, "beamlink", NAPI_AUTO_LENGTH, &name) != napi_ok) return false;
  // Without a call_js callback Node calls `on_events` itself, inside a callback scope, so that
  // microtasks run after each batch and a throw becomes an uncaughtException.
  return napi_create_threadsafe_function(env, on_events, nullptr, name, 0, 1, nullptr, nullptr,
                                         nullptr, nullptr, &wake_) == napi_ok;
}

void Delivery::SetRef(napi_env env, bool alive) {
  if (wake_ == nullptr) return;
  if (alive) {
    napi_ref_threadsafe_function(env, wake_);
  } else {
    napi_unref_threadsafe_function(env, wake_);
  }
}

void Delivery::Wake() const {
  // Fails only while the environment is closing, when nobody is left to be woken.
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

}  // namespace beamlink
