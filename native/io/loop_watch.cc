#include "io/loop_watch.h"

#include <utility>
#include <uv.h>

namespace beamlink {

struct LoopWatch::State {
  uv_poll_t handle;
  std::function<void()> ready;
  std::function<void()> closed;
};

LoopWatch::LoopWatch(uv_loop_s* loop, int fd, std::function<void()> ready)
    : state_(new State{.handle = {}, .ready = std::move(ready), .closed = {}}) {
  if (uv_poll_init(loop, &state_->handle, fd) != 0) {
    delete std::exchange(state_, nullptr);
    return;
  }
  state_->handle.data = state_;
  uv_unref(reinterpret_cast<uv_handle_t*>(&state_->handle));
  watches_ = uv_poll_start(&state_->handle, UV_READABLE, [](uv_poll_t* handle, int, int) {
               static_cast<State*>(handle->data)->ready();
             }) == 0;
}

void LoopWatch::Close(std::function<void()> closed) {
  if (state_ == nullptr) return closed();
  State* state = std::exchange(state_, nullptr);
  state->closed = std::move(closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&state->handle), [](uv_handle_t* handle) {
    auto* state = static_cast<State*>(handle->data);
    const std::function<void()> closed = std::move(state->closed);
    delete state;
    closed();
  });
}

}  // namespace beamlink
