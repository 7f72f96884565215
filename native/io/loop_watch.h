// Watches one descriptor in the event loop of JavaScript's thread.
#pragma once

#include <functional>

struct uv_loop_s;

namespace beamlink {

// Does not keep the process alive.   thread: JavaScript's
class LoopWatch {
 public:
  // `ready` is called when `fd`, which must stay open until Close has called back, can be read.
  LoopWatch(uv_loop_s* loop, int fd, std::function<void()> ready);
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;
  ~LoopWatch() = default;

  // False when the loop took no watch: `ready` will not be called.
  bool watches() const { return watches_; }

  // Safe twice. `closed` is called from the loop, also after this object has gone.
  void Close(std::function<void()> closed);

 private:
  struct State;
  State* state_;
  bool watches_ = false;
};

}  // namespace beamlink
