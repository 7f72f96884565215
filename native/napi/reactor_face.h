// The reactor for JavaScript: commands down, records up.
#pragma once

#include <cstdint>
#include <memory>

#include <node_api.h>

#include "dist/event.h"
#include "etf/atoms.h"
#include "io/loop_watch.h"
#include "io/reactor.h"
#include "napi/buffers.h"
#include "napi/delivery.h"

namespace beamlink {

//   thread: JavaScript
class ReactorFace {
 public:
  // All outlive the face.
  ReactorFace(Buffers* buffers, const AtomBook* book, AtomTable* event_atoms);
  // Joins the reactor's threads; nothing calls into JavaScript afterwards.
  ~ReactorFace() { Stop(); }
  ReactorFace(const ReactorFace&) = delete;
  ReactorFace& operator=(const ReactorFace&) = delete;

  bool Export(napi_env env, napi_value exports);
  // Safe twice. After it, commands are taken and dropped.
  void Stop() { reactor_.reset(); }
  // For good.
  void End() {
    Stop();
    delivery_.End();
  }

 private:
  static napi_value Start(napi_env env, napi_callback_info info);
  static napi_value Take(napi_env env, napi_callback_info info);
  static napi_value TakeLarge(napi_env env, napi_callback_info info);
  static napi_value TakeBody(napi_env env, napi_callback_info info);
  static napi_value SetRef(napi_env env, napi_callback_info info);
  static napi_value OpenNode(napi_env env, napi_callback_info info);
  static napi_value AskBeforeAccept(napi_env env, napi_callback_info info);
  static napi_value Answer(napi_env env, napi_callback_info info);
  static napi_value SetCookie(napi_env env, napi_callback_info info);
  static napi_value Listen(napi_env env, napi_callback_info info);
  static napi_value Dial(napi_env env, napi_callback_info info);
  static napi_value DialThrough(napi_env env, napi_callback_info info);
  static napi_value AcceptThrough(napi_env env, napi_callback_info info);
  static napi_value Send(napi_env env, napi_callback_info info);
  static napi_value Credit(napi_env env, napi_callback_info info);
  static napi_value SetUrgent(napi_env env, napi_callback_info info);
  static napi_value Drain(napi_env env, napi_callback_info info);
  static napi_value Measure(napi_env env, napi_callback_info info);
  static napi_value Close(napi_env env, napi_callback_info info);
  static napi_value CloseNode(napi_env env, napi_callback_info info);
  static napi_value RenewEventAtoms(napi_env env, napi_callback_info info);

  void StartDirectReads(napi_env env);
  void Post(Command command);

  Buffers* const buffers_;
  const AtomBook* const book_;
  AtomTable* const event_atoms_;
  // The reactor pushes events and wakes delivery, so it is ended before both.
  Delivery delivery_;
  EventQueue events_;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<LoopWatch> direct_reads_;
};

}  // namespace beamlink
