#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "io/pair.h"
#include "io/raw_peer.h"
#include "io/test_node.h"

namespace beamlink::test {
namespace {

TEST_CASE("frames cross both ways, in order, of every size") {
  Pair pair;
  std::vector<std::string> texts;
  for (const size_t size : {1, 100, 32 * 1024, 64 * 1024, 1 << 20, 2, 8 << 20, 3}) {
    texts.emplace_back(size, static_cast<char>('a' + texts.size()));
  }
  for (const std::string& text : texts) {
    pair.one.Say(pair.to_two, text);
    pair.two.Say(pair.to_one, text);
  }
  for (TestNode* node : {&pair.one, &pair.two}) {
    for (const std::string& text : texts) {
      const auto frame = node->events().NextOf(EventKind::kFrame);
      REQUIRE(frame);
      CHECK(frame->operation == 6);
      CHECK(frame->Payload().size() == text.size() + 5);
      CHECK(frame->Payload().ends_with(text));
    }
  }
}

TEST_CASE("what a channel has counted is read on any thread, as long as it is up") {
  Pair pair;
  constexpr uint64_t kFrames = 2000;
  MeterReading out = {};
  MeterReading in = {};
  CHECK(!pair.one.Measure(pair.to_two + 1000, &out));
  std::atomic<bool> done = false;
  // Under the thread sanitizer this must be no race.
  std::thread watcher([&] {
    MeterReading seen = {};
    uint64_t last = 0;
    while (!done) {
      if (!pair.two.Measure(pair.to_one, &seen)) continue;
      const uint64_t frames = seen[static_cast<size_t>(MeterColumn::kFramesIn)];
      CHECK(frames >= last);
      last = frames;
    }
  });
  for (uint64_t i = 0; i < kFrames; i++)
    pair.one.Say(pair.to_two, "text");
  for (uint64_t i = 0; i < kFrames; i++)
    REQUIRE(pair.two.events().NextOf(EventKind::kFrame));
  done = true;
  watcher.join();
  CHECK(pair.one.Measure(pair.to_two, &out));
  CHECK(pair.two.Measure(pair.to_one, &in));
  CHECK(out[static_cast<size_t>(MeterColumn::kFramesOut)] == kFrames);
  CHECK(in[static_cast<size_t>(MeterColumn::kFramesIn)] == kFrames);
  CHECK(out[static_cast<size_t>(MeterColumn::kBytesOut)] ==
        in[static_cast<size_t>(MeterColumn::kBytesIn)]);
  pair.one.Post(CloseChannel{pair.to_two});
  REQUIRE(pair.two.events().NextOf(EventKind::kChannelDown, pair.to_one));
  CHECK(!pair.two.Measure(pair.to_one, &in));
}

TEST_CASE("a channel that comes up tells how long that took") {
  TestNode one("a@127.0.0.1");
  TestNode two("b@127.0.0.1");
  one.Dial("b@127.0.0.1", two.Listen());
  for (TestNode* node : {&one, &two}) {
    const auto up = node->events().NextOf(EventKind::kChannelUp);
    REQUIRE(up);
    const int32_t took_us = up->IntAt(6).value_or(0);
    CHECK(took_us > 0);
    CHECK(took_us < 5'000'000);
  }
}

TEST_CASE("a shared array is released when it has been written") {
  Pair pair;
  const std::vector<uint8_t> shared(3 << 20, 's');
  TapeMaker tape;
  tape.Int(6).Pid("a@127.0.0.1", 1, 0, 0x1000).Atom("echo").Shared(0);
  pair.one.Post(tape.Frame(pair.to_two, 10, 1, {shared}));
  pair.one.Post(Drain{pair.to_two, 0});
  const auto frame = pair.two.events().NextOf(EventKind::kFrame);
  REQUIRE(frame);
  CHECK(frame->Payload().size() == shared.size() + 5);
  const auto released = pair.one.events().NextOf(EventKind::kReleased, pair.to_two);
  REQUIRE(released);
  CHECK(released->IntAt(0) == 1);
  const auto drained = pair.one.events().NextOf(EventKind::kDrained, pair.to_two);
  REQUIRE(drained);
  CHECK(drained->IntAt(0) == 10);
}

TEST_CASE("a frame for a channel that is gone releases its ticket at once") {
  TestNode node("a@127.0.0.1");
  const std::vector<uint8_t> shared(10, 's');
  node.Post(TapeMaker().Int(6).Nil().Nil().Shared(0).Frame(77, 1, 5, {shared}));
  const auto released = node.events().NextOf(EventKind::kReleased, 77);
  REQUIRE(released);
  CHECK(released->IntAt(0) == 5);
}

TEST_CASE("a tape without form on the wire ends the channel with ENCODE") {
  Pair pair;
  pair.one.Post(TapeMaker().Int(6).Frame(pair.to_two));
  CHECK(DownReason(&pair.one, pair.to_two) == "ENCODE");
  CHECK(DownReason(&pair.two, pair.to_one) == "NOCONNECTION");
}

TEST_CASE("a frame above the peer's limit ends the channel with LIMIT") {
  Pair pair({.max_frame_bytes = 1000});
  pair.one.Say(pair.to_two, std::string(2000, 'x'));
  CHECK(DownReason(&pair.two, pair.to_one) == "LIMIT");
  CHECK(DownReason(&pair.one, pair.to_two) == "NOCONNECTION");
}

TEST_CASE("closing writes what was queued before, although the peer is writing too") {
  Pair pair;
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 10; i++) {
    pair.two.Say(pair.to_one, text);
    pair.one.Say(pair.to_two, text);
  }
  pair.one.Post(CloseChannel{pair.to_two});
  for (int i = 0; i < 10; i++) {
    const auto frame = pair.two.events().NextOf(EventKind::kFrame);
    REQUIRE(frame);
    CHECK(frame->Payload().ends_with(text));
  }
  CHECK(DownReason(&pair.one, pair.to_two) == "CLOSED");
  CHECK(DownReason(&pair.two, pair.to_one) == "NOCONNECTION");
}

TEST_CASE("a peer that does not take what is queued is closed after a second") {
  TestNode node("a@127.0.0.1");
  Pair pair({.max_queued_bytes = 1000});
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 20; i++)
    pair.one.Say(pair.to_two, text);
  REQUIRE(pair.two.events().NextOf(EventKind::kFrame));
  const auto start = std::chrono::steady_clock::now();
  pair.one.Post(CloseChannel{pair.to_two});
  CHECK(DownReason(&pair.one, pair.to_two) == "CLOSED");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}

TEST_CASE("a reader that gives no credit holds the writer up; credit lets it go on") {
  Pair pair({.max_queued_bytes = 100000});
  const std::string text(60000, 'x');
  constexpr int kFrames = 300;
  for (int i = 0; i < kFrames; i++)
    pair.one.Say(pair.to_two, text);
  pair.one.Post(
      TapeMaker().Int(6).Pid("a@127.0.0.1", 1, 0, 1).Atom("last").Nil().Frame(pair.to_two, 1));
  pair.one.Post(Drain{pair.to_two, 0});
  auto frame = pair.two.events().NextOf(EventKind::kFrame);
  REQUIRE(frame);
  uint64_t outstanding = frame->charge;
  int frames = 1;
  // What has been read before the pause, and not one more.
  while ((frame = pair.two.events().Next(100))) {
    outstanding += frame->charge;
    frames++;
  }
  CHECK(outstanding > 100000);
  CHECK(outstanding < 400000);
  CHECK(!pair.one.events().Poll());
  for (; frames <= kFrames; frames++) {
    pair.two.Post(Credit{pair.to_one, outstanding});
    frame = pair.two.events().NextOf(EventKind::kFrame);
    REQUIRE(frame);
    outstanding = frame->charge;
  }
  CHECK(pair.one.events().NextOf(EventKind::kDrained));
}

TEST_CASE("two idle nodes keep each other alive by ticks") {
  Pair pair({.tick_time_ms = 200});
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
  CHECK(!pair.one.events().Next(700));
  CHECK(std::chrono::steady_clock::now() >= until);
  CHECK(!pair.two.events().Poll());
}

TEST_CASE("a peer that falls silent is given up after the tick time") {
  TestNode one("a@127.0.0.1", {.tick_time_ms = 100});
  TestNode two("b@127.0.0.1", {.tick_time_ms = 60000});
  const uint32_t channel = one.Dial("b@127.0.0.1", two.Listen());
  CHECK(one.NextUp() == channel);
  CHECK(DownReason(&one, channel) == "NOCONNECTION");
}

TEST_CASE("a node that lost its channel rejoins at once, and is told apart") {
  Pair pair;
  // Another process under the same name, while the first still holds its connection.
  TestNode again("a@127.0.0.1", {.creation = 0x2000});
  const uint32_t channel = again.Dial("b@127.0.0.1", pair.port);
  CHECK(again.NextUp() == channel);
  auto event = pair.two.events().Next();
  REQUIRE(event);
  CHECK(event->kind == EventKind::kChannelDown);
  CHECK(event->channel == pair.to_one);
  event = pair.two.events().Next();
  REQUIRE(event);
  CHECK(event->kind == EventKind::kChannelUp);
  CHECK(event->IntAt(3) == 0x2000);
  CHECK(DownReason(&pair.one, pair.to_two) == "NOCONNECTION");
  again.Say(channel, "hello");
  CHECK(pair.two.events().NextOf(EventKind::kFrame, event->channel));
}

TEST_CASE("a stranger without cookie cannot end a channel by its name") {
  Pair pair;
  TestNode stranger("a@127.0.0.1", {.cookie = "guess"});
  const uint32_t channel = stranger.Dial("b@127.0.0.1", pair.port);
  CHECK(stranger.events().NextOf(EventKind::kDialFailed, channel));
  REQUIRE(pair.two.events().NextOf(EventKind::kRefused));
  pair.one.Say(pair.to_two, "still here");
  CHECK(pair.two.events().NextOf(EventKind::kFrame, pair.to_one));
}

TEST_CASE("a dial to a connected peer is superseded by the channel that is up") {
  Pair pair;
  const uint32_t channel = pair.one.Dial("b@127.0.0.1", pair.port);
  const auto failed = pair.one.events().NextOf(EventKind::kDialFailed, channel);
  REQUIRE(failed);
  CHECK(failed->BinaryAt(0) == "SUPERSEDED");
}

// What a node that dials and is called learns until it has one channel and an answer to its dial.
struct Meeting {
  uint32_t channel = 0;
  bool incoming = false;
  std::string failure;  // of the dial
};

Meeting Meet(TestNode* node, uint32_t dial) {
  Meeting meeting;
  bool answered = false;
  while (meeting.channel == 0 || !answered) {
    const auto event = node->events().Next();
    if (!event) break;
    if (event->kind == EventKind::kChannelUp) {
      CHECK(meeting.channel == 0);
      meeting.channel = event->channel;
      meeting.incoming = event->IntAt(4) == 1;
      answered = answered || event->channel == dial;
    } else if (event->kind == EventKind::kDialFailed) {
      CHECK(event->channel == dial);
      CHECK(meeting.channel != 0);
      meeting.failure = event->BinaryAt(0);
      answered = true;
    } else if (event->kind == EventKind::kChannelDown) {
      meeting.channel = 0;
    }
  }
  return meeting;
}

TEST_CASE("two nodes that dial each other at once end up with one channel") {
  TestNode one("a@127.0.0.1");
  TestNode two("b@127.0.0.1");
  const uint16_t port_one = one.Listen();
  const uint16_t port_two = two.Listen();
  for (int i = 0; i < 100; i++) {
    CAPTURE(i);
    const uint32_t from_one = one.Dial("b@127.0.0.1", port_two);
    const uint32_t from_two = two.Dial("a@127.0.0.1", port_one);
    const Meeting of_one = Meet(&one, from_one);
    const Meeting of_two = Meet(&two, from_two);
    REQUIRE(of_one.channel != 0);
    REQUIRE(of_two.channel != 0);
    CHECK(of_one.incoming != of_two.incoming);
    CHECK(of_one.failure == (of_one.incoming ? "SUPERSEDED" : ""));
    CHECK(of_two.failure == (of_two.incoming ? "SUPERSEDED" : ""));
    one.Say(of_one.channel, "hello");
    CHECK(two.events().NextOf(EventKind::kFrame, of_two.channel));
    one.Post(CloseChannel{of_one.channel});
    CHECK(DownReason(&one, of_one.channel) == "CLOSED");
    CHECK(DownReason(&two, of_two.channel) == "NOCONNECTION");
  }
}

TEST_CASE("a dial that gave way goes on when the call it gave way to fails") {
  TestNode one("a@127.0.0.1");
  TestNode two("b@127.0.0.1");
  const uint16_t port_one = one.Listen();
  const uint16_t port_two = two.Listen();
  RawPeer impostor = RawPeer::ConnectTo(port_one);
  CHECK(impostor.SendName("b@127.0.0.1"));
  CHECK(impostor.ReceivePacket() == "sok");
  const uint32_t channel = one.Dial("b@127.0.0.1", port_two);
  impostor.Close();
  CHECK(one.NextUp() == channel);
}

TEST_CASE("hundreds of callers that say nothing keep no peer out") {
  TestNode two("b@127.0.0.1", {.handshake_timeout_ms = 60000});
  const uint16_t port = two.Listen();
  std::vector<RawPeer> silent;
  for (int i = 0; i < 600; i++) {
    silent.push_back(RawPeer::ConnectTo(port));
    if (i % 2 == 0) CHECK(silent.back().SendName("c" + std::to_string(i) + "@127.0.0.1"));
  }
  TestNode one("a@127.0.0.1");
  const uint32_t channel = one.Dial("b@127.0.0.1", port, 30000);
  CHECK(one.events().NextOf(EventKind::kChannelUp, channel, 30000));
}

TEST_CASE("a reactor that gets no descriptors says so, leaves none open, and the next one starts") {
  EventReader events;
  AtomTable atoms;
  AtomBook book;
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = dup(0);
  REQUIRE(next >= 0);
  close(next);
  for (rlim_t left = 0; left < 6; left++) {
    const rlimit none = {static_cast<rlim_t>(next) + left, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    const Reactor reactor(events.queue(), &atoms, &book);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(reactor.status().code() == StatusCode::kResources);
    CHECK(reactor.status().message().find("ulimit -n") != std::string::npos);
  }
  const int then = dup(0);
  close(then);
  CHECK(then == next);
  const Reactor reactor(events.queue(), &atoms, &book);
  CHECK(reactor.status().ok());
}

}  // namespace
}  // namespace beamlink::test
