// Connections that have given a name and wait for JavaScript to say whether they may go on. Nothing
// has been answered to them yet.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "base/status.h"
#include "io/listener.h"
#include "io/uv_handle.h"

namespace beamlink {

//   thread: the reactor
class Questions {
 public:
  struct Events {
    std::function<void(uint32_t question, const Greeting& greeting)> asked;
    std::function<void(Greeting greeting)> allowed;
    // No answer came in time, or newer ones needed the room.
    std::function<void(const Status& why, const Greeting& greeting)> given_up;
  };

  Questions(uv_loop_t* loop, Events events) : loop_(loop), events_(std::move(events)) {}
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;
  // Closes the connections; nobody is told.
  ~Questions() = default;

  void Ask(Greeting greeting);
  // Nothing happens for a question that has been given up. A refused connection is closed without a
  // word.
  void Answer(uint32_t question, bool allowed);

 private:
  struct Waiting {
    uint32_t question;
    Greeting greeting;
    std::unique_ptr<Timer> late;
  };

  void GiveUp(std::list<Waiting>::const_iterator at, const Status& why);
  std::list<Waiting>::const_iterator Find(uint32_t question) const;

  uv_loop_t* const loop_;
  const Events events_;
  uint32_t last_question_ = 0;
  std::list<Waiting> waiting_;  // oldest first
};

}  // namespace beamlink
