#include "dist/channel.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include "dist/channel_peer.h"
#include "dist/golden_controls.h"
#include "record_tapes.h"
#include "tape_maker.h"

namespace beamlink::test {
namespace {

TEST_CASE("a stream that is not the protocol ends the channel with the reason") {
  Peer peer;
  const uint8_t nonsense[] = {0, 0, 0, 2, 112, 131};
  const Status status = peer.channel.Received(nonsense, 0);
  CHECK(status.code() == StatusCode::kMalformed);
  CHECK(ReasonName(status.code()) == "PROTOCOL");
  const uint8_t large[] = {0x10, 0, 0, 0, 112};
  CHECK(Peer().channel.Received(large, 0).code() == StatusCode::kTooLarge);
}

TEST_CASE("a bad payload loses that message alone, and names fields and fault") {
  Peer peer;
  std::vector<uint8_t> body = Golden(22).frame;
  body.resize(body.size() - 3);
  REQUIRE(peer.channel.Received(Framed(body), 0).ok());
  REQUIRE(peer.channel.Received(Framed(Golden(22).frame), 0).ok());
  const auto bad = peer.events.Poll();
  REQUIRE(bad);
  CHECK(bad->kind == EventKind::kBadPayload);
  CHECK(bad->operation == 22);
  CHECK(!bad->has_payload);
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(bad->body.data()),
                                       bad->body.size());
  const RecordTapes tapes(bad->ops, bytes, peer.atoms);
  REQUIRE(tapes.whole());
  CHECK(tapes.field_count() == 3);
  CHECK(bad->body.find("of the payload") != std::string::npos);
  const auto good = peer.events.Poll();
  REQUIRE(good);
  CHECK(good->kind == EventKind::kFrame);
}

TEST_CASE("an operation that nobody knows is told by its number, and charged") {
  Peer peer;
  const std::vector<uint8_t> body = {131, 104, 2, 97, 99, 106};
  REQUIRE(peer.channel.Received(Framed(body), 0).ok());
  const auto event = peer.events.Poll();
  REQUIRE(event);
  CHECK(event->kind == EventKind::kFrame);
  CHECK(event->operation == 99);
  CHECK(event->charge == 32);
}

TEST_CASE("a tape that has no form on the wire leaves the channel as it was") {
  Peer peer;
  CHECK(!peer.Send(TapeMaker().Int(22).Pid("us@host", 5, 0, 4), 10, 3).ok());
  CHECK(!peer.channel.has_output());
  REQUIRE(peer.Send(Message("after"), 5).ok());
  Peer other;
  REQUIRE(other.channel.Received(peer.Output(), 0).ok());
  CHECK(other.events.Poll()->Payload().ends_with("after"));
  peer.channel.End({StatusCode::kClosed, "done"});
  const auto released = peer.events.Poll();
  REQUIRE(released);
  CHECK(released->kind == EventKind::kReleased);
  CHECK(released->IntAt(0) == 3);
}

TEST_CASE("every golden frame climbs as an event with its bytes") {
  for (const GoldenControl& golden : GoldenControls()) {
    CAPTURE(golden.number);
    Peer peer;
    std::vector<uint8_t> body = golden.frame;
    body.push_back(7);  // ignored
    REQUIRE(peer.channel.Received(Framed(body), 0).ok());
    const auto event = peer.events.Poll();
    REQUIRE(event);
    CHECK(event->operation == golden.public_number);
    CHECK(event->has_payload == golden.has_payload);
    CHECK(event->charge > event->ops.size() * 4 + event->body.size());
    CHECK(event->body == std::string(golden.frame.begin(), golden.frame.end()));
    if (!golden.has_payload) continue;
    CHECK(event->Payload() == std::string(golden.payload.begin(), golden.payload.end()));
  }
}

TEST_CASE("two channels understand each other, however the bytes are cut") {
  std::mt19937 random(5);
  const std::vector<uint8_t> shared(100000, 's');
  Peer one;
  Peer two;
  constexpr int kMessages = 200;
  for (int i = 0; i < kMessages; i++) {
    TapeMaker tape = Message("message " + std::to_string(i));
    if (i % 20 == 0) {
      tape = TapeMaker().Int(22).Pid("us@host", 5, 0, 4).Pid("a@host", 6, 0, 4);
      tape.Tuple(2).Shared(0).Int(i);
    }
    REQUIRE(one.Send(tape, 1, 0, {shared}).ok());
  }
  while (one.channel.has_output()) {
    const std::vector<uint8_t> bytes = one.Output(1 + random() % 40000);
    std::span<const uint8_t> rest = bytes;
    const size_t in_place = std::min(two.channel.Wanted().size(), rest.size());
    std::copy_n(rest.begin(), in_place, two.channel.Wanted().begin());
    REQUIRE(two.channel.ReceivedWanted(in_place, 0).ok());
    REQUIRE(two.channel.Received(rest.subspan(in_place), 0).ok());
  }
  for (int i = 0; i < kMessages; i++) {
    const auto event = two.events.Poll();
    REQUIRE(event);
    CHECK(event->operation == 22);
    if (i % 20 == 0) {
      CHECK(event->Payload().size() > shared.size());
      CHECK(event->Payload().find(std::string(shared.begin(), shared.end())) == 7);
    } else {
      CHECK(event->Payload().ends_with("message " + std::to_string(i)));
    }
  }
  CHECK(!two.events.Poll());
}

TEST_CASE("reading pauses above the mark and goes on when half is credited") {
  Peer peer(10000);
  const std::vector<uint8_t> frame = Framed(Golden(22).frame);
  uint64_t charged = 0;
  while (peer.channel.reading()) {
    REQUIRE(peer.channel.Received(frame, 0).ok());
    charged += peer.events.Poll()->charge;
  }
  CHECK(charged > 10000);
  CHECK(charged < 12000);
  peer.channel.Credit(charged - 5001, 0);
  CHECK(!peer.channel.reading());
  peer.channel.Credit(1, 0);
  CHECK(peer.channel.reading());
}

TEST_CASE("an urgent channel reads on past the mark, by 512 MiB at least") {
  Peer peer(1000);
  const std::vector<uint8_t> frame = Framed(LargeMessage(512 * 1024));
  uint64_t charged = 0;
  const auto fill = [&] {
    while (peer.channel.reading()) {
      REQUIRE(peer.channel.Received(frame, 0).ok());
      charged += peer.events.Poll()->charge;
    }
  };
  fill();
  peer.channel.SetUrgent(true, 0);
  CHECK(peer.channel.reading());
  fill();
  constexpr uint64_t kBeyond = uint64_t{512} << 20;
  CHECK(charged > 1000 + kBeyond);
  CHECK(charged < 1000 + kBeyond + 600 * 1024);
  peer.channel.SetUrgent(false, 0);
  CHECK(!peer.channel.reading());
  peer.channel.Credit(charged, 0);
  CHECK(peer.channel.reading());
}

TEST_CASE("a message is charged with about the memory that it takes in JavaScript") {
  Peer peer;
  const auto charge_of = [&](std::vector<uint8_t> payload) {
    std::vector<uint8_t> body = LargeMessage(0);
    body.resize(body.size() - 5);  // the empty binary
    body.insert(body.end(), payload.begin(), payload.end());
    REQUIRE(peer.channel.Received(Framed(body), 0).ok());
    return peer.events.Poll()->charge;
  };
  const uint32_t small = charge_of({kTagSmallInteger, 1});
  CHECK(small > 300);
  CHECK(small < 1000);
  std::vector<uint8_t> text = {kTagString, 0x27, 0x10};  // 10,000 numbers of 8 bytes each
  text.resize(text.size() + 10000, 'x');
  CHECK(charge_of(text) > 80000);
}

TEST_CASE("a channel without mark never pauses") {
  Peer peer;
  const std::vector<uint8_t> frame = Framed(Golden(22).frame);
  for (int i = 0; i < 10000; i++)
    REQUIRE(peer.channel.Received(frame, 0).ok());
  CHECK(peer.channel.reading());
  peer.channel.SetUrgent(true, 0);
  CHECK(peer.channel.reading());
}

TEST_CASE("crediting more than was charged does no harm") {
  Peer peer(1000);
  peer.channel.Credit(UINT64_MAX, 0);
  CHECK(peer.channel.reading());
}

TEST_CASE("a silent peer is given up, but not while we do not read") {
  Peer peer(100);
  CHECK(peer.channel.Check(60000) == Ticker::Due::kPeerIsSilent);
  REQUIRE(peer.channel.Received(Framed(Golden(22).frame), 60000).ok());
  REQUIRE(!peer.channel.reading());
  CHECK(peer.channel.Check(500000) == Ticker::Due::kTick);
  CHECK(peer.Output() == std::vector<uint8_t>(4, 0));
  peer.channel.Credit(10000, 500000);
  CHECK(peer.channel.Check(559999) != Ticker::Due::kPeerIsSilent);
  CHECK(peer.channel.Check(560000) == Ticker::Due::kPeerIsSilent);
}

TEST_CASE("a tick from the peer is not answered") {
  Peer peer;
  const uint8_t ticks[8] = {};
  REQUIRE(peer.channel.Received(ticks, 1000).ok());
  CHECK(!peer.channel.has_output());
  CHECK(!peer.events.Poll());
}

TEST_CASE("drained is told once per question, when the cost is down to the mark") {
  Peer peer;
  peer.channel.Drain(0);
  const auto at_once = peer.events.Poll();
  REQUIRE(at_once);
  CHECK(at_once->kind == EventKind::kDrained);
  REQUIRE(peer.Send(Message("one"), 100).ok());
  REQUIRE(peer.Send(Message("two"), 200).ok());
  peer.channel.Drain(250);
  peer.channel.Drain(0);
  CHECK(!peer.events.Poll());
  const size_t frame_size = peer.channel.unwritten() / 2;
  CHECK(peer.Output(frame_size).size() == frame_size);
  const auto first = peer.events.Poll();
  REQUIRE(first);
  CHECK(first->kind == EventKind::kDrained);
  CHECK(first->IntAt(0) == 100);
  CHECK(!peer.events.Poll());
  peer.Output();
  const auto last = peer.events.Poll();
  REQUIRE(last);
  CHECK(last->IntAt(0) == 300);
  CHECK(!peer.events.Poll());
}

TEST_CASE("a ticket is released when its frame is written, the rest with the last words") {
  Peer peer;
  const std::vector<uint8_t> shared(5000, 's');
  TapeMaker tape = TapeMaker().Int(22).Pid("us@host", 5, 0, 4).Pid("a@host", 6, 0, 4).Shared(0);
  REQUIRE(peer.Send(tape, 1, 1, {shared}).ok());
  REQUIRE(peer.Send(tape, 1, 2, {shared}).ok());
  REQUIRE(peer.Send(tape, 1, 3, {shared}).ok());
  const size_t frame_size = peer.channel.unwritten() / 3;
  peer.Output(frame_size - 1);
  CHECK(!peer.events.Poll());
  for (const int ticket : {1, 2}) {
    peer.Output(ticket == 1 ? 1 : frame_size);
    const auto written = peer.events.Poll();
    REQUIRE(written);
    CHECK(written->kind == EventKind::kReleased);
    CHECK(written->IntAt(0) == ticket);
    CHECK(!peer.events.Poll());
  }
  peer.channel.End({StatusCode::kNoConnection, "gone"});
  const auto released = peer.events.Poll();
  REQUIRE(released);
  CHECK(released->kind == EventKind::kReleased);
  CHECK(released->IntAt(0) == 3);
  const auto down = peer.events.Poll();
  REQUIRE(down);
  CHECK(down->kind == EventKind::kChannelDown);
  CHECK(down->BinaryAt(0) == "NOCONNECTION");
  CHECK(down->BinaryAt(1) == "gone");
  CHECK(down->IntAt(2) == 2);  // frames written
  CHECK(!peer.events.Poll());
}

}  // namespace
}  // namespace beamlink::test
