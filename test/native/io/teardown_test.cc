#include <chrono>
#include <doctest/doctest.h>
#include <string>

#include "io/raw_peer.h"
#include "io/test_node.h"

namespace beamlink::test {
namespace {

// Stops the node and tells whether that took less than the promised second, with some to spare for
// a busy machine.
bool StopsInTime(TestNode* node) {
  const auto start = std::chrono::steady_clock::now();
  node->Stop();
  return std::chrono::steady_clock::now() - start < std::chrono::seconds(2);
}

size_t Count(TestNode* node, EventKind kind) {
  size_t count = 0;
  while (const auto event = node->events().Poll()) {
    if (event->kind == kind) count++;
  }
  return count;
}

TEST_CASE("a reactor stops before it has done anything") {
  for (int i = 0; i < 20; i++) {
    TestNode node("a@127.0.0.1");
    CHECK(StopsInTime(&node));
  }
}

TEST_CASE("a reactor stops while it dials, and each dial is told") {
  for (int i = 0; i < 10; i++) {
    TestNode silent("b@127.0.0.1");
    const uint16_t port = silent.Listen();
    TestNode node("a@127.0.0.1");
    for (int dial = 0; dial < 10; dial++)
      node.Dial("c" + std::to_string(dial) + "@127.0.0.1", port);
    CHECK(StopsInTime(&node));
    CHECK(Count(&node, EventKind::kDialFailed) <= 10);
  }
  // 192.0.2.1 answers nobody (RFC 5737).
  TestNode node("a@127.0.0.1");
  const uint32_t channel = node.Dial("b@127.0.0.1", 1, 60000, "192.0.2.1");
  node.Post(CloseChannel{channel});
  CHECK(node.events().NextOf(EventKind::kDialFailed, channel));
  node.Dial("b@127.0.0.1", 1, 60000, "192.0.2.1");
  CHECK(StopsInTime(&node));
}

TEST_CASE("a reactor stops while peers shake hands with it") {
  for (int i = 0; i < 10; i++) {
    TestNode node("b@127.0.0.1");
    const uint16_t port = node.Listen();
    RawPeer silent = RawPeer::ConnectTo(port);
    RawPeer named = RawPeer::ConnectTo(port);
    CHECK(named.SendName("a@127.0.0.1"));
    CHECK(named.ReceivePacket() == "sok");
    CHECK(StopsInTime(&node));
    CHECK(silent.IsClosed());
    CHECK(named.IsClosed());
  }
}

TEST_CASE("a reactor stops in mid-traffic, and every channel is told") {
  for (int i = 0; i < 10; i++) {
    TestNode one("a@127.0.0.1");
    TestNode two("b@127.0.0.1");
    const uint32_t channel = one.Dial("b@127.0.0.1", two.Listen());
    CHECK(one.NextUp() == channel);
    const uint32_t back = two.NextUp();
    for (int frame = 0; frame < 100; frame++) {
      one.Say(channel, std::string(100000, 'x'));
      two.Say(back, std::string(100000, 'x'));
    }
    CHECK(StopsInTime(&one));
    CHECK(Count(&one, EventKind::kChannelDown) == 1);
    CHECK(two.events().NextOf(EventKind::kChannelDown, back));
  }
}

TEST_CASE("a closed node closes its channels, dials and listener, and the others go on") {
  TestNode one("a@127.0.0.1");
  TestNode two("b@127.0.0.1");
  const uint16_t port = one.Listen();
  const uint32_t channel = one.Dial("b@127.0.0.1", two.Listen());
  CHECK(one.NextUp() == channel);
  const uint32_t back = two.NextUp();
  const uint32_t dial = one.Dial("c@127.0.0.1", 1, 60000, "192.0.2.1");
  one.Post(CloseNode{one.node()});
  const auto failed = one.events().NextOf(EventKind::kDialFailed, dial);
  REQUIRE(failed);
  CHECK(failed->BinaryAt(0) == "CLOSED");
  const auto down = one.events().NextOf(EventKind::kChannelDown, channel);
  REQUIRE(down);
  CHECK(down->BinaryAt(0) == "CLOSED");
  CHECK(two.events().NextOf(EventKind::kChannelDown, back));
  CHECK(!RawPeer::ConnectTo(port).connected());
  const auto late = one.events().NextOf(EventKind::kDialFailed, one.Dial("b@127.0.0.1", port));
  REQUIRE(late);
  CHECK(late->BinaryAt(0) == "CLOSED");
}

TEST_CASE("commands for what does not exist are passed over") {
  TestNode node("a@127.0.0.1");
  node.Post(Credit{99, 1});
  node.Post(SetUrgent{99, true});
  node.Post(Drain{99, 0});
  node.Post(CloseChannel{99});
  node.Post(CloseNode{99});
  node.Post(SetCookie{99, "b@127.0.0.1", "c"});
  node.Post(Listen{99, "127.0.0.1", 0});
  CHECK(node.Listen() != 0);
}

}  // namespace
}  // namespace beamlink::test
