// What a channel does with a peer that goes past a limit.
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/big_endian.h"
#include "dist/channel.h"
#include "dist/flags.h"
#include "etf/tags.h"
#include "event_reader.h"

namespace beamlink::test {
namespace {

constexpr uint32_t kTickTimeMs = 8000;

struct Limits {
  uint32_t max_atoms = UINT32_MAX;
  uint64_t max_frames_per_second = UINT64_MAX;
};

struct Peer {
  Peer(const Limits& limits, AtomTable* atoms)
      : reader(atoms, 100),
        encoder(&book),
        notices(events.queue(), atoms),
        channel({.id = 1,
                 .flags = kFlagSendSender,
                 .max_frame_bytes = 1 << 20,
                 .max_queued_bytes = UINT64_MAX,
                 .tick_time_ms = kTickTimeMs,
                 .max_atoms = limits.max_atoms,
                 .max_frames_per_second = limits.max_frames_per_second},
                {&reader, &encoder, events.queue(), &notices}, 0) {}

  AtomBook book;
  EventReader events;
  ControlReader reader;
  TapeEncoder encoder;
  Notices notices;
  Channel channel;
};

void Append(std::vector<uint8_t>* to, const std::string& bytes) {
  to->insert(to->end(), bytes.begin(), bytes.end());
}

std::string AtomTerm(const std::string& name) {
  return std::string{static_cast<char>(kTagSmallAtomUtf8), static_cast<char>(name.size())} + name;
}

std::string PidTerm(const std::string& node) {
  return static_cast<char>(kTagNewPid) + AtomTerm(node) + std::string(12, '\1');
}

// A frame with SEND {2, '', Pid} and a payload.
std::vector<uint8_t> Frame(const std::string& payload, const std::string& node = "a@host") {
  std::vector<uint8_t> frame(5);
  frame[4] = kPassThrough;
  Append(&frame, "\x83\x68\x03\x61\x02" + AtomTerm("") + PidTerm(node) + "\x83" + payload);
  StoreU32(frame.data(), static_cast<uint32_t>(frame.size() - 4));
  return frame;
}

std::string Numbered(uint32_t number) {
  return "atom" + std::to_string(number);
}

TEST_CASE("a peer may send so many different atoms, wherever they stand, and no more") {
  AtomTable atoms;
  Peer peer({.max_atoms = 10}, &atoms);
  // The name of the node in the pid is one, and the empty one is none of the peer's terms.
  for (uint32_t i = 0; i < 8; i++)
    REQUIRE(peer.channel.Received(Frame(AtomTerm(Numbered(i))), 0).ok());
  for (int again = 0; again < 100; again++)
    REQUIRE(peer.channel.Received(Frame(AtomTerm(Numbered(3))), 0).ok());
  REQUIRE(peer.channel.Received(Frame("\x61\x07", "b@host"), 0).ok());
  const Status status = peer.channel.Received(Frame("\x61\x07", "c@host"), 0);
  CHECK(status.code() == StatusCode::kTooLarge);
  CHECK(status.message() == "the peer has sent more than 10 different atoms (maxAtoms)");
  CHECK(ReasonName(status.code()) == "LIMIT");
}

TEST_CASE("atoms of others, and a table that begins anew, do not count for a peer") {
  AtomTable atoms;
  Peer few({.max_atoms = 5}, &atoms);
  for (uint32_t life = 0; life < 3; life++) {
    for (uint32_t i = 0; i < kMaxTableAtoms; i++)
      atoms.Intern(std::to_string(life) + Numbered(i));
    for (uint32_t i = 0; i < 4; i++)
      REQUIRE(few.channel.Received(Frame(AtomTerm(Numbered(i))), 0).ok());
    atoms.Renew();
    for (uint32_t i = 0; i < 4; i++)
      REQUIRE(few.channel.Received(Frame(AtomTerm(Numbered(i))), 0).ok());
  }
  CHECK_FALSE(few.channel.Received(Frame(AtomTerm(Numbered(4))), 0).ok());
}

TEST_CASE("a table that is full of other atoms does not hide new ones") {
  AtomTable atoms;
  for (uint32_t i = 0; i < kMaxTableAtoms; i++)
    atoms.Intern(Numbered(i));
  Peer peer({.max_atoms = 100}, &atoms);
  Status status;
  uint32_t sent = 0;
  for (; status.ok() && sent < 1000; sent++)
    status = peer.channel.Received(Frame(AtomTerm("new" + std::to_string(sent))), 0);
  CHECK(sent == 100);
}

TEST_CASE("a peer with too many frames is not read until it is time, and stays alive meanwhile") {
  AtomTable atoms;
  Peer peer({.max_frames_per_second = 10}, &atoms);
  const std::vector<uint8_t> frame = Frame("\x61\x07");
  for (int i = 0; i < 9; i++)
    REQUIRE(peer.channel.Received(frame, 1000).ok());
  CHECK(peer.channel.reading());
  std::vector<uint8_t> many;
  for (int i = 0; i < 91; i++)
    many.insert(many.end(), frame.begin(), frame.end());
  REQUIRE(peer.channel.Received(many, 1000).ok());
  CHECK_FALSE(peer.channel.reading());
  CHECK(peer.channel.held_up());
  // All of them are dealt with.
  for (int i = 0; i < 100; i++)
    CHECK(peer.events.Poll());
  CHECK(peer.channel.NextCheckMs(1000) <= kTickTimeMs / 4);
  // Longer than the tick time: the silence is our doing.
  CHECK(peer.channel.Check(10'999) != Ticker::Due::kPeerIsSilent);
  CHECK_FALSE(peer.channel.reading());
  CHECK(peer.channel.NextCheckMs(10'999) <= 2);
  CHECK(peer.channel.Check(11'001) != Ticker::Due::kPeerIsSilent);
  CHECK(peer.channel.reading());
  CHECK_FALSE(peer.channel.held_up());
  CHECK(peer.channel.Check(11'001 + kTickTimeMs) == Ticker::Due::kPeerIsSilent);
}

TEST_CASE("ticks are frames, too") {
  AtomTable atoms;
  Peer peer({.max_frames_per_second = 10}, &atoms);
  const std::vector<uint8_t> ticks(10 * kFrameLengthBytes);
  REQUIRE(peer.channel.Received(ticks, 0).ok());
  CHECK(peer.channel.held_up());
}

TEST_CASE("a channel that waits for credit does not read when it is no longer held up") {
  AtomTable atoms;
  Peer peer({.max_frames_per_second = 1}, &atoms);
  peer.channel.SetUrgent(false, 0);
  REQUIRE(peer.channel.Received(Frame("\x61\x07"), 0).ok());
  CHECK(peer.channel.held_up());
  peer.channel.Credit(1, 500);
  CHECK_FALSE(peer.channel.reading());
  (void)peer.channel.Check(1001);
  CHECK(peer.channel.reading());
}

}  // namespace
}  // namespace beamlink::test
