// libuv handles with owners. libuv frees a handle only after its close callback, so the memory
// lives on a little longer than the owner; a callback may therefore end the owner it was called
// for, as the last thing it does. Every callback has the turn (turn.h).
#pragma once

#include <cstdint>
#include <functional>
#include <uv.h>

namespace beamlink {

// Watches one descriptor, which must stay open as long as this lives.
class Poll {
 public:
  // `ready` gets UV_READABLE and UV_WRITABLE bits; an error counts as both, so that the next read
  // or write finds it.
  Poll(uv_loop_t* loop, int fd, std::function<void(int)> ready);
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  ~Poll();

  // Waits for these bits from now on; 0 waits for nothing.
  void Watch(int events);

 private:
  struct State;
  State* const state_;
};

class Timer {
 public:
  Timer(uv_loop_t* loop, std::function<void()> fire);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // Fires once, `ms` from now, in place of what was started before.
  void Start(uint64_t ms);

 private:
  struct State;
  State* const state_;
};

}  // namespace beamlink
