// Holds up a peer that brings more frames in a second than it may. The clock is passed in.
//
// Each frame takes its share of a second. While the peer is less than a second ahead of the clock
// it is read: so a second's frames may come at once. Then it is not read until the clock is there.
// What had been read by then is dealt with all the same, and taken into account: over time no more
// comes than may.
#pragma once

#include <cstdint>

namespace beamlink {

class FrameRate {
 public:
  // UINT64_MAX: as many as come.
  explicit FrameRate(uint64_t frames_each_second)
      : share_ms_(
            frames_each_second == UINT64_MAX ? 0 : 1000 / static_cast<double>(frames_each_second)) {
  }

  void Count(uint64_t now_ms) {
    if (share_ms_ == 0) return;
    const auto now = static_cast<double>(now_ms);
    if (paid_until_ms_ < now) paid_until_ms_ = now;
    paid_until_ms_ += share_ms_;
    if (paid_until_ms_ >= now + kAheadMs) held_ = true;
  }
  // Whether the peer is not to be read.
  bool held() const { return held_; }
  // Lets it go on if it is time. True when it has just done so.
  bool Release(uint64_t now_ms) {
    if (!held_ || static_cast<double>(now_ms) < paid_until_ms_) return false;
    held_ = false;
    return true;
  }
  // When that is; of use while the peer is held up.
  uint64_t ReleaseAtMs() const { return static_cast<uint64_t>(paid_until_ms_) + 1; }

 private:
  static constexpr double kAheadMs = 1000;

  const double share_ms_;
  double paid_until_ms_ = 0;
  bool held_ = false;
};

}  // namespace beamlink
