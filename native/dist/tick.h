// When to send a tick, and when a silent peer is given up. The clock is passed in.
//
//   tick time   the silence after which the peer is gone (net_ticktime)
//   period      a quarter of it: a tick is due when nothing was written, or nothing was read, for
//               one period and no tick went out in it
//
// Silence counts bytes, not frames: one long frame may take many periods to arrive.
//   source: distribution.md section 3, "Ticks"; OTP 25, kernel/src/dist_util.erl, send_tick
#pragma once

#include <cstdint>

namespace beamlink {

class Ticker {
 public:
  enum class Due { kNothing, kTick, kPeerIsSilent };

  Ticker(uint32_t tick_time_ms, uint64_t now_ms);

  void Read(uint64_t now_ms) { last_read_ms_ = now_ms; }
  void Written(uint64_t now_ms) { last_written_ms_ = now_ms; }
  // While we do not read, the peer's silence is our own doing.
  void Pause() { paused_ = true; }
  void Resume(uint64_t now_ms);

  // What to do now. kTick means that the caller sends one.
  Due Check(uint64_t now_ms);
  // How long until Check has anything to say.
  uint64_t NextCheckMs(uint64_t now_ms) const;

 private:
  uint64_t TickDueAt() const;

  const uint64_t tick_time_ms_;
  const uint64_t period_ms_;
  uint64_t last_read_ms_;
  uint64_t last_written_ms_;
  uint64_t last_tick_ms_;
  bool paused_ = false;
};

}  // namespace beamlink
