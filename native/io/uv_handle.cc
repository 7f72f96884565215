#include "io/uv_handle.h"

#include <cstdlib>
#include <utility>

#include "io/turn.h"

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
  int watched = 0;

  void Start() {
    Must(uv_poll_start(&handle, watched, [](uv_poll_t* poll, int status, int ready) {
      const auto turn = TakeTurn(poll->loop);
      auto* state = static_cast<State*>(poll->data);
      if (status < 0) {
        // libuv stops watching a descriptor that has an error, before anybody has met that error.
        state->Start();
        ready = UV_READABLE | UV_WRITABLE;
      }
      state->ready(ready);
    }));
  }
};

Poll::Poll(uv_loop_t* loop, int fd, std::function<void(int)> ready)
    : state_(new State{.handle = {}, .ready = std::move(ready)}) {
  Must(uv_poll_init(loop, &state_->handle, fd));
  state_->handle.data = state_;
}

Poll::~Poll() {
  CloseAndFree(state_);
}

void Poll::Watch(int events) {
  if (events == state_->watched) return;
  state_->watched = events;
  if (events == 0) {
    Must(uv_poll_stop(&state_->handle));
  } else {
    state_->Start();
  }
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
      &state_->handle,
      [](uv_timer_t* handle) {
        const auto turn = TakeTurn(handle->loop);
        static_cast<State*>(handle->data)->fire();
      },
      ms, 0));
}

}  // namespace beamlink
