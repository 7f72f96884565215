// One peer, without sockets: bytes in become events, tapes in become bytes out.
//
// Inbound, each record delivered is charged with about the memory that it takes in JavaScript, and
// stays so until JavaScript credits it; past a mark the channel asks not to be read. Outbound, each
// frame has a cost and perhaps a ticket; the channel tells when the cost has been written and which
// tickets' shared bytes it no longer refers to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <sys/uio.h>
#include <vector>

#include "base/status.h"
#include "dist/control.h"
#include "dist/event.h"
#include "dist/frame.h"
#include "dist/frame_rate.h"
#include "dist/meter.h"
#include "dist/notices.h"
#include "dist/outbox.h"
#include "dist/tick.h"
#include "etf/atoms_met.h"

namespace beamlink {

struct ChannelOptions {
  uint32_t id;
  uint64_t flags;  // negotiated
  uint32_t max_frame_bytes;
  uint64_t max_queued_bytes;
  uint32_t tick_time_ms;
  uint32_t max_atoms = UINT32_MAX;
  uint64_t max_frames_per_second = UINT64_MAX;
};

// What a channel works with; shared by all channels of a node, and outlives them.
struct ChannelTools {
  ControlReader* reader;
  TapeEncoder* encoder;
  EventQueue* events;
  Notices* notices;
};

//   thread: whoever has the turn (io/turn.h). Times are of one clock that never goes back.
class Channel {
 public:
  Channel(const ChannelOptions& options, const ChannelTools& tools, uint64_t now_ms);

  // Inbound: bytes go first to Wanted(), as long as it is not empty, and behind that to Received.
  // An error means that the stream cannot be trusted any more.
  std::span<uint8_t> Wanted() { return frames_.Wanted(); }
  Status ReceivedWanted(size_t count, uint64_t now_ms);
  Status Received(std::span<const uint8_t> bytes, uint64_t now_ms);
  bool reading() const { return reading_ && !rate_.held(); }
  // Ticks not counted.
  uint64_t frames_read() const { return meter_->Get(MeterColumn::kFramesIn); }
  void Credit(uint64_t bytes, uint64_t now_ms);
  void SetUrgent(bool urgent, uint64_t now_ms);

  // Outbound. An error means that the tape has no form on the wire; nothing is queued then.
  Status Send(const EncodeTape& tape, double cost, uint32_t ticket);
  // A frame that will not be sent; its ticket is released with the last words.
  void Drop(uint32_t ticket) { outbox_.Skip(ticket); }
  bool has_output() const { return !outbox_.empty(); }
  size_t unwritten() const { return outbox_.unwritten(); }
  size_t Gather(std::span<iovec> to) { return outbox_.Gather(to); }
  void Written(size_t count, uint64_t now_ms);
  void Drain(double below);

  // Queues a tick when one is due. Reading may go on after it.
  Ticker::Due Check(uint64_t now_ms);
  uint64_t NextCheckMs(uint64_t now_ms) const;
  // Whether it is to be checked earlier than it said last: it is not read for a while.
  bool held_up() const { return rate_.held(); }

  // To be read on any thread, also when the channel is gone.
  std::shared_ptr<const Meter> meter() const { return meter_; }

  // The last words: tells which tickets are released, whether written or not, and that it is down.
  void End(const Status& why);

 private:
  void CountRead(size_t count, uint64_t now_ms);
  Status ReadFrames(std::span<const uint8_t> bytes, uint64_t now_ms);
  Status ReadBody(std::span<const uint8_t> body, OwnedBytes* large);
  void PushBadPayload(std::span<const uint8_t> body, const ControlIn& in);
  void Charge(uint64_t bytes);
  void Resume(uint64_t now_ms);
  uint64_t Limit() const;
  void TellDrained();
  void CountUnwritten();

  const ChannelOptions options_;
  const ChannelTools tools_;
  const std::shared_ptr<Meter> meter_ = std::make_shared<Meter>();

  FrameReader frames_;
  FrameRate rate_;
  AtomsMet atoms_;
  uint64_t outstanding_ = 0;
  bool urgent_ = false;
  bool reading_ = true;

  Outbox outbox_;
  std::vector<double> drains_;  // the marks that were asked for and not reached
  uint32_t ticket_told_ = 0;

  Ticker ticker_;
};

}  // namespace beamlink
