#include "io/moderation.h"

namespace beamlink {
namespace {

// Long enough for a figure, short enough to notice soon that the load is over.
constexpr uint64_t kWindowNs = 200'000;
// A window that took this long had a wait in it: no load.
constexpr uint64_t kIdleNs = 1'000'000;
// 50,000 frames a second.
constexpr uint64_t kFrameNs = 20'000;
// More than this in a window would fill the socket's buffer during a rest, and stall the peer.
constexpr uint64_t kMostBytes = uint64_t{64} * 1024;
// A rest has to bring so many.
constexpr uint64_t kWorthFrames = 4;
constexpr uint64_t kHoldOffNs = 20'000'000;

}  // namespace

bool Moderation::IsLoad(uint64_t elapsed_ns, uint64_t frames, uint64_t bytes) const {
  return elapsed_ns < kIdleNs && frames * kFrameNs > elapsed_ns && bytes < kMostBytes;
}

bool Moderation::ShouldRest(uint64_t now_ns, uint64_t frames, uint64_t bytes) {
  const uint64_t elapsed = now_ns - window_start_ns_;
  if (elapsed >= kWindowNs) {
    const uint64_t arrived = frames - frames_before_;
    busy_ = now_ns >= held_off_until_ns_ && IsLoad(elapsed, arrived, bytes - bytes_before_);
    if (rests_ > 0 && arrived < rests_ * kWorthFrames) {
      busy_ = false;
      held_off_until_ns_ = now_ns + kHoldOffNs;
    }
    window_start_ns_ = now_ns;
    frames_before_ = frames;
    bytes_before_ = bytes;
    rests_ = 0;
  }
  if (busy_) rests_++;
  return busy_;
}

}  // namespace beamlink
