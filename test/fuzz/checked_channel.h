// A channel that is fed by a fuzz target. Whatever climbs from it must be a record whose tapes keep
// to their grammar and whose ranges lie in its body.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "dist/channel.h"
#include "event_reader.h"
#include "kept.h"
#include "record_tapes.h"

namespace beamlink::fuzz {

class CheckedChannel {
 public:
  // `mark` is that of back-pressure; UINT64_MAX is none.
  CheckedChannel(uint64_t flags, uint64_t mark)
      : channel_({.id = 1,
                  .flags = flags,
                  .max_frame_bytes = kMaxFrame,
                  .max_queued_bytes = mark,
                  .tick_time_ms = 60000},
                 {&reader_, &encoder_, Events()->queue(), &notices_}, 0),
        mark_(mark) {}

  // Gives it bytes and takes what comes of them; false when it wants no more.
  bool Feed(std::span<const uint8_t> bytes) {
    const std::span<uint8_t> wanted = channel_.Wanted();
    const size_t in_place = std::min(wanted.size(), bytes.size());
    std::copy_n(bytes.begin(), in_place, wanted.begin());
    Status status = channel_.ReceivedWanted(in_place, 0);
    if (status.ok()) status = channel_.Received(bytes.subspan(in_place), 0);
    Require(status.ok() || !status.message().empty());
    if (mark_ == UINT64_MAX) Require(channel_.reading());
    TakeEvents();
    Require(channel_.reading());
    return status.ok();
  }

 private:
  static constexpr uint32_t kMaxFrame = 1 << 20;
  static constexpr uint32_t kUnknownCharge = 32;  // of an operation without form

  // One for all inputs: its memory takes longer to make than they do.
  static test::EventReader* Events() {
    static test::EventReader events;
    return &events;
  }
  static const AtomBook* Book() {
    static const AtomBook book;
    return &book;
  }

  void TakeEvents() {
    while (const auto event = Events()->Poll()) {
      const auto* body = reinterpret_cast<const uint8_t*>(event->body.data());
      const test::RecordTapes tapes(event->ops, {body, event->body.size()}, *atoms_);
      Require(tapes.whole());
      Require(!tapes.FieldsText().empty());
      Require(event->has_payload == !tapes.PayloadText().empty());
      Require(event->payload_at <= event->body.size());
      // At least what it holds, or a peer could fill the memory with what costs it nothing.
      const size_t bytes = event->ops.size() * sizeof(int32_t) + event->body.size();
      Require(event->charge >= bytes || event->charge == kUnknownCharge);
      channel_.Credit(event->charge, 0);
    }
  }

  AtomTable* const atoms_ = Atoms();
  ControlReader reader_{atoms_, 1000};
  TapeEncoder encoder_{Book()};
  Notices notices_{Events()->queue(), atoms_};
  Channel channel_;
  const uint64_t mark_;
};

}  // namespace beamlink::fuzz
