#include "napi/delivery.h"

namespace beamlink {

bool Delivery::Start(napi_env env, napi_value on_events) {
  env_ = env;
  napi_value name = nullptr;
  if (napi_create_string_utf8(env, "beamlink", NAPI_AUTO_LENGTH, &name) != napi_ok) return false;
  if (napi_create_reference(env, on_events, 1, &on_events_) != napi_ok ||
      napi_async_init(env, nullptr, name, &context_) != napi_ok) {
    return false;
  }
  // Without a call_js callback Node calls `on_events` itself, inside a callback scope, so that
  // microtasks run after each batch and a throw becomes an uncaughtException.
  return napi_create_threadsafe_function(env, on_events, nullptr, name, 0, 1, nullptr, nullptr,
                                         nullptr, nullptr, &wake_) == napi_ok;
}

void Delivery::Deliver(napi_env env) const {
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value on_events = nullptr;
  napi_value global = nullptr;
  if (napi_get_reference_value(env, on_events_, &on_events) == napi_ok &&
      napi_get_global(env, &global) == napi_ok) {
    const napi_status status =
        napi_make_callback(env, context_, global, on_events, 0, nullptr, nullptr);
    napi_value error = nullptr;
    // What ticks and microtasks throw is nobody's here. Left pending it would fail every call to
    // come.
    if (status == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      (void)napi_fatal_exception(env, error);
    }
  }
  napi_close_handle_scope(env, scope);
}

void Delivery::End() {
  if (on_events_ != nullptr) napi_delete_reference(env_, on_events_);
  on_events_ = nullptr;
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  context_ = nullptr;
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
