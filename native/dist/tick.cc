#include "dist/tick.h"

#include <algorithm>

namespace beamlink {

Ticker::Ticker(uint32_t tick_time_ms, uint64_t now_ms)
    : tick_time_ms_(std::max<uint64_t>(tick_time_ms, 4)),
      period_ms_(tick_time_ms_ / 4),
      last_read_ms_(now_ms),
      last_written_ms_(now_ms),
      last_tick_ms_(now_ms) {}

void Ticker::Resume(uint64_t now_ms) {
  paused_ = false;
  last_read_ms_ = now_ms;
}

uint64_t Ticker::TickDueAt() const {
  const uint64_t idle_since = std::min(last_written_ms_, last_read_ms_);
  return std::max(idle_since, last_tick_ms_) + period_ms_;
}

Ticker::Due Ticker::Check(uint64_t now_ms) {
  if (!paused_ && now_ms >= last_read_ms_ + tick_time_ms_) return Due::kPeerIsSilent;
  if (now_ms < TickDueAt()) return Due::kNothing;
  last_tick_ms_ = now_ms;
  return Due::kTick;
}

uint64_t Ticker::NextCheckMs(uint64_t now_ms) const {
  uint64_t at = TickDueAt();
  if (!paused_) at = std::min(at, last_read_ms_ + tick_time_ms_);
  return at > now_ms ? at - now_ms : 1;
}

}  // namespace beamlink
