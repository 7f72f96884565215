#include "io/uv_handle.h"

#include <cstdlib>
#include <utility>

namespace beamlink {
namespace {

// These fail only when the loop is misused or epoll takes no descriptor at all.
void Must(int result) {
  if (result != 0) std::abort();
}

template <typename State>
void CloseAndFree(State* state) {
  uv_close(reinterpret_cast<uv_handle_t*>(&state->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

}  // namespace

struct Poll::State {
  uv_poll_t handle;
  std::function<void(int)> ready;
};

Poll::Poll(uv_loop_t* loop, int fd, std::function<void(int)> ready)
    : state_(new State{{}, std::move(ready)}) {
  Must(uv_poll_init(loop, &state_->handle, fd));
  state_->handle.data = state_;
}

Poll::~Poll() {
  CloseAndFree(state_);
}

void Poll::Watch(int events) {
  if (events == watched_) return;
  watched_ = events;
  if (events == 0) {
    Must(uv_poll_stop(&state_->handle));
    return;
  }
  Must(uv_poll_start(&state_->handle, events, [](uv_poll_t* handle, int status, int ready) {
    static_cast<State*>(handle->data)->ready(status < 0 ? UV_READABLE | UV_WRITABLE : ready);
  }));
}

struct Timer::State {
  uv_timer_t handle;
  std::function<void()> fire;
};

Timer::Timer(uv_loop_t* loop, std::function<void()> fire) : state_(new State{{}, std::move(fire)}) {
  Must(uv_timer_init(loop, &state_->handle));
  state_->handle.data = state_;
}

Timer::~Timer() {
  CloseAndFree(state_);
}

void Timer::Start(uint64_t ms) {
  Must(uv_timer_start(
      &state_->handle, [](uv_timer_t* handle) { static_cast<State*>(handle->data)->fire(); }, ms,
      0));
}

}  // namespace beamlink
