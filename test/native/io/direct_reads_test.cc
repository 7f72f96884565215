// Channels that JavaScript's thread reads itself; the test is that thread.
#include <chrono>
#include <doctest/doctest.h>
#include <optional>
#include <poll.h>
#include <string>
#include <thread>

#include "io/pair.h"

namespace beamlink::test {
namespace {

using Clock = std::chrono::steady_clock;

// Reads as an event loop would, until an event of this kind is there.
std::optional<Event> ReadUntil(TestNode* node, int fd, EventKind kind) {
  const auto limit = Clock::now() + std::chrono::seconds(5);
  while (Clock::now() < limit) {
    while (auto event = node->events().Poll()) {
      if (event->kind == kind) return event;
    }
    pollfd waiting = {fd, POLLIN, 0};
    if (::poll(&waiting, 1, 5) == 1) (void)node->ReadHere();
  }
  return std::nullopt;
}

bool IsReadable(int fd, int timeout_ms) {
  pollfd waiting = {fd, POLLIN, 0};
  return ::poll(&waiting, 1, timeout_ms) == 1;
}

struct DirectPair : Pair {
  explicit DirectPair(const TestNodeOptions& options = {})
      : Pair(options), fd(two.StartDirectReads()) {}

  // One frame at a time, until the reactor leaves the reading to us.
  void CalmDown() {
    for (int i = 0; i < 100; i++) {
      one.Say(to_two, "calm");
      const bool is_direct = IsReadable(fd, 20);
      const auto frame = is_direct ? ReadUntil(&two, fd, EventKind::kFrame)
                                   : two.events().NextOf(EventKind::kFrame);
      REQUIRE(frame);
      two.Post(Credit{to_one, frame->charge});
      if (is_direct) return;
    }
    FAIL("the reactor goes on reading");
  }
  std::string NextText(size_t size) {
    const auto frame = ReadUntil(&two, fd, EventKind::kFrame);
    if (!frame) return "(nothing)";
    const std::string payload = frame->Payload();
    return payload.substr(payload.size() - std::min(size, payload.size()));
  }

  const int fd;
};

TEST_CASE("a channel on which little comes is read here, and says so") {
  DirectPair pair;
  pair.CalmDown();
  for (int i = 0; i < 100; i++) {
    pair.one.Say(pair.to_two, std::to_string(i + 100));
    REQUIRE(IsReadable(pair.fd, 5000));
    CHECK(pair.two.ReadHere());
    // Told once, until all has been taken.
    CHECK(!pair.two.ReadHere());
    CHECK(pair.NextText(3) == std::to_string(i + 100));
  }
}

TEST_CASE("when much comes the reactor reads, and all stays in order") {
  DirectPair pair;
  pair.CalmDown();
  constexpr int kFrames = 5000;
  for (int i = 0; i < kFrames; i++) {
    const std::string filling(i % 100 == 0 ? 100000 : 200, 'x');
    pair.one.Say(pair.to_two, filling + std::to_string(i + 10000));
  }
  for (int i = 0; i < kFrames; i++) {
    CHECK(pair.NextText(5) == std::to_string(i + 10000));
  }
}

TEST_CASE("the reactor reads what is not read here") {
  DirectPair pair;
  pair.CalmDown();
  for (int i = 0; i < 10; i++)
    pair.one.Say(pair.to_two, std::to_string(i + 100));
  for (int i = 0; i < 10; i++) {
    const auto frame = pair.two.events().NextOf(EventKind::kFrame);
    REQUIRE(frame);
    CHECK(frame->Payload().ends_with(std::to_string(i + 100)));
  }
}

TEST_CASE("the reactor has a channel back on which nothing comes") {
  DirectPair pair;
  pair.CalmDown();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  pair.one.Say(pair.to_two, "late");
  const auto start = Clock::now();
  REQUIRE(pair.two.events().NextOf(EventKind::kFrame));
  // At once, not when it finds that nobody reads.
  CHECK(Clock::now() - start < std::chrono::milliseconds(200));
}

TEST_CASE("the end of a channel is heard of here, too") {
  DirectPair pair;
  pair.CalmDown();
  pair.one.Say(pair.to_two, "last");
  pair.one.Post(CloseChannel{pair.to_two});
  CHECK(pair.NextText(4) == "last");
  const auto down = ReadUntil(&pair.two, pair.fd, EventKind::kChannelDown);
  REQUIRE(down);
  CHECK(down->channel == pair.to_one);
}

TEST_CASE("bytes that are no frame end a channel that is read here") {
  DirectPair pair({.max_frame_bytes = 1000});
  pair.CalmDown();
  pair.one.Say(pair.to_two, std::string(2000, 'x'));
  const auto down = ReadUntil(&pair.two, pair.fd, EventKind::kChannelDown);
  REQUIRE(down);
  CHECK(down->BinaryAt(0) == "LIMIT");
}

TEST_CASE("a reader without credit holds the writer up here, too; credit lets it go on") {
  DirectPair pair({.max_queued_bytes = 20000});
  pair.CalmDown();
  constexpr int kFrames = 2000;
  for (int i = 0; i < kFrames; i++) {
    pair.one.Say(pair.to_two, std::string(500, 'x') + std::to_string(i + 10000));
  }
  for (int i = 0; i < kFrames; i++) {
    const auto frame = ReadUntil(&pair.two, pair.fd, EventKind::kFrame);
    REQUIRE(frame);
    CHECK(frame->Payload().ends_with(std::to_string(i + 10000)));
    pair.two.Post(Credit{pair.to_one, frame->charge});
  }
}

TEST_CASE("a reactor may end while channels are read here") {
  for (int life = 0; life < 5; life++) {
    DirectPair pair;
    pair.CalmDown();
    pair.one.Say(pair.to_two, "x");
    pair.two.Stop();
    CHECK(DownReason(&pair.one, pair.to_two) == "NOCONNECTION");
  }
}

}  // namespace
}  // namespace beamlink::test
