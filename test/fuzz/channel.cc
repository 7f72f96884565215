// A hostile stream into a channel, cut anywhere. Whatever climbs from it must be a record whose
// tapes keep to their grammar and whose ranges lie in its body.
//
//   input := splits:8 mark:8 stream
#include "dist/channel.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "dist/flags.h"
#include "event_reader.h"
#include "guarded_bytes.h"
#include "record_tapes.h"

namespace {

using namespace beamlink;

constexpr uint32_t kMaxFrame = 1 << 20;
constexpr uint32_t kUnknownCharge = 32;  // of an operation without form

void Require(bool claim) {
  if (!claim) std::abort();
}

void CheckEvents(test::EventReader* events, const AtomTable& atoms, Channel* channel) {
  while (const auto event = events->Poll()) {
    const auto* body = reinterpret_cast<const uint8_t*>(event->body.data());
    const test::RecordTapes tapes(event->ops, {body, event->body.size()}, atoms);
    Require(tapes.whole());
    Require(!tapes.FieldsText().empty());
    Require(event->has_payload == !tapes.PayloadText().empty());
    Require(event->payload_at <= event->body.size());
    // At least what it holds, or a peer could fill the memory with what costs it nothing.
    const size_t bytes = event->ops.size() * sizeof(int32_t) + event->body.size();
    Require(event->charge >= bytes || event->charge == kUnknownCharge);
    channel->Credit(event->charge, 0);
  }
}

// Gives the channel the front of `*stream`; false when it wants no more of it.
bool Feed(Channel* channel, size_t size, std::span<const uint8_t>* stream) {
  const std::span<uint8_t> wanted = channel->Wanted();
  const size_t in_place = std::min(wanted.size(), size);
  std::copy_n(stream->begin(), in_place, wanted.begin());
  Status status = channel->ReceivedWanted(in_place, 0);
  if (status.ok()) status = channel->Received(stream->subspan(in_place, size - in_place), 0);
  *stream = stream->subspan(size);
  Require(status.ok() || !status.message().empty());
  return status.ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::minstd_rand random(data[0]);
  const uint64_t mark = data[1] == 0 ? UINT64_MAX : uint64_t{data[1]} * 16;
  const GuardedBytes guarded({data + 2, size - 2});
  std::span<const uint8_t> stream = guarded.span();

  AtomTable atoms;
  const AtomBook book;
  test::EventReader events;
  ControlReader reader(&atoms, 1000);
  TapeEncoder encoder(&book);
  Notices notices(events.queue(), &atoms);
  Channel channel({.id = 1,
                   .flags = kFlagSendSender | kFlagExitPayload,
                   .max_frame_bytes = kMaxFrame,
                   .max_queued_bytes = mark,
                   .tick_time_ms = 60000},
                  {&reader, &encoder, events.queue(), &notices}, 0);
  while (!stream.empty()) {
    const size_t longest = data[0] < 128 ? stream.size() : 1 + data[0] % 64;
    const size_t part = std::min<size_t>(1 + random() % longest, stream.size());
    const bool goes_on = Feed(&channel, part, &stream);
    if (mark == UINT64_MAX) Require(channel.reading());
    CheckEvents(&events, atoms, &channel);
    Require(channel.reading());
    if (!goes_on) break;
  }
  return 0;
}
