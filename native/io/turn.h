// Whose turn it is: one thread at a time carries out the work of a reactor. That is its own thread
// in every callback of its loop, and JavaScript's for as long as it takes to write a few frames
// while the loop waits.
#pragma once

#include <mutex>
#include <uv.h>

namespace beamlink {

// A loop without a mutex belongs to one thread alone.
inline void ShareTurns(uv_loop_t* loop, std::mutex* turn) {
  loop->data = turn;
}

// Held by a callback of the loop until it returns.   thread: the loop's
inline std::unique_lock<std::mutex> TakeTurn(const uv_loop_t* loop) {
  auto* turn = static_cast<std::mutex*>(loop->data);
  return turn == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock<std::mutex>(*turn);
}

}  // namespace beamlink
