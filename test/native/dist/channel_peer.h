// A channel with all it works with, and bytes for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>
#include <span>
#include <string>
#include <vector>

#include "base/big_endian.h"
#include "dist/channel.h"
#include "dist/flags.h"
#include "dist/golden_controls.h"
#include "etf/tags.h"
#include "event_reader.h"
#include "tape_maker.h"

namespace beamlink::test {

inline constexpr uint64_t kFlags = kFlagSendSender | kFlagExitPayload | kFlagUnlinkId;
inline constexpr uint32_t kMaxFrame = 1 << 20;

// A channel with all it works with.
struct Peer {
  explicit Peer(uint64_t max_queued_bytes = UINT64_MAX)
      : reader(&atoms, 100),
        encoder(&book),
        notices(events.queue(), &atoms),
        channel({1, kFlags, kMaxFrame, max_queued_bytes, 60000},
                {&reader, &encoder, events.queue(), &notices}, 0) {}

  Status Send(const TapeMaker& tape, double cost = 0, uint32_t ticket = 0,
              std::vector<std::span<const uint8_t>> shared = {}) {
    const std::string& text = tape.text();
    const EncodeTape encode = {
        tape.ops(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, shared};
    return channel.Send(encode, cost, ticket);
  }

  // What it has to write, up to `limit` bytes of it.
  std::vector<uint8_t> Output(size_t limit = SIZE_MAX) {
    std::vector<uint8_t> bytes;
    while (channel.has_output() && bytes.size() < limit) {
      iovec pieces[3];
      const size_t count = channel.Gather(pieces);
      size_t written = 0;
      for (size_t i = 0; i < count; i++) {
        const size_t size = std::min(pieces[i].iov_len, limit - bytes.size());
        const auto* from = static_cast<const uint8_t*>(pieces[i].iov_base);
        bytes.insert(bytes.end(), from, from + size);
        written += size;
      }
      channel.Written(written, 0);
    }
    return bytes;
  }

  AtomTable atoms;
  AtomBook book;
  EventReader events;
  ControlReader reader;
  TapeEncoder encoder;
  Notices notices;
  Channel channel;
};

inline std::vector<uint8_t> Framed(std::span<const uint8_t> body) {
  std::vector<uint8_t> frame(5 + body.size());
  StoreU32(frame.data(), static_cast<uint32_t>(body.size() + 1));
  frame[4] = kPassThrough;
  std::copy(body.begin(), body.end(), frame.begin() + 5);
  return frame;
}

inline const GoldenControl& Golden(int32_t number) {
  return *std::find_if(GoldenControls().begin(), GoldenControls().end(),
                       [number](const GoldenControl& each) { return each.number == number; });
}

// SEND_SENDER with a binary of `size` bytes.
inline std::vector<uint8_t> LargeMessage(uint32_t size) {
  Peer peer;
  std::vector<uint8_t> body = Golden(22).frame;
  REQUIRE(peer.channel.Received(Framed(body), 0).ok());
  body.resize(peer.events.Poll()->payload_at);
  body.push_back(kTagBinary);
  body.resize(body.size() + 4);
  StoreU32(body.data() + body.size() - 4, size);
  body.resize(body.size() + size);
  return body;
}

inline TapeMaker Message(const std::string& text) {
  return TapeMaker().Int(22).Pid("us@host", 5, 0, 4).Pid("a@host", 6, 0, 4).Binary(text);
}

}  // namespace beamlink::test
