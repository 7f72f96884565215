// Wakes JavaScript when event records wait.
#pragma once

#include <node_api.h>

namespace beamlink {

// One thread-safe function that carries no data: JavaScript fetches the records itself
// (EventQueue::Take), as many as it has time for. Re-arming from inside its own callback would
// starve the event loop, so JavaScript continues a long batch with setImmediate instead.
class Delivery {
 public:
  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  ~Delivery() = default;

  // `on_events` is called without arguments for each Wake.   thread: JavaScript
  bool Start(napi_env env, napi_value on_events);
  // Gives up what it has of the environment, before that ends. Nothing but started() is called
  // afterwards.                                               thread: JavaScript
  void End();
  bool started() const { return wake_ != nullptr; }
  // Calls `on_events` here and now.                            thread: JavaScript, in no callback
  void Deliver(napi_env env) const;
  // Whether waiting for events keeps the process alive.       thread: JavaScript
  void SetRef(napi_env env, bool alive);
  // thread: reactor, between Start and the end of the reactor
  void Wake() const;

 private:
  napi_env env_ = nullptr;
  napi_threadsafe_function wake_ = nullptr;
  napi_ref on_events_ = nullptr;
  napi_async_context context_ = nullptr;
};

}  // namespace beamlink
