// Who is let in while others do not go on, or are not wanted.
#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "io/raw_peer.h"
#include "io/test_node.h"
#include "patience.h"

namespace beamlink::test {
namespace {

constexpr const char* kPeer = "a@127.0.0.1";

int32_t NextQuestion(TestNode* node, std::string* peer = nullptr, std::string* address = nullptr) {
  const auto asked = node->events().NextOf(EventKind::kAsked, node->node());
  REQUIRE(asked);
  if (peer != nullptr) *peer = asked->BinaryAt(1);
  if (address != nullptr) *address = asked->BinaryAt(2);
  CHECK(asked->IntAt(3) == 0);
  return asked->IntAt(0).value_or(0);
}

void Say(TestNode* node, int32_t question, bool allowed) {
  node->Post(Answer{node->node(), static_cast<uint32_t>(question), allowed});
}

TEST_CASE("who asks before it accepts answers nothing until it is told to") {
  TestNode node("b@127.0.0.1", {.ask_before_accept = true});
  const uint16_t port = node.Listen();
  RawPeer peer = RawPeer::ConnectTo(port, "127.0.0.3");
  CHECK(peer.SendName(kPeer));
  std::string name;
  std::string address;
  const int32_t question = NextQuestion(&node, &name, &address);
  CHECK(name == kPeer);
  CHECK(address == "127.0.0.3");
  CHECK_FALSE(peer.IsReadable());
  // An answer to no question changes nothing.
  Say(&node, question + 1, true);
  Say(&node, question, true);
  CHECK(peer.ReceivePacket() == "sok");
  // Nor does a second one.
  Say(&node, question, false);
  CHECK(peer.ReceivePacket().starts_with("N"));
}

TEST_CASE("a refused caller is closed without a word, and whoever refused it counts it") {
  TestNode node("b@127.0.0.1", {.ask_before_accept = true});
  RawPeer peer = RawPeer::ConnectTo(node.Listen());
  CHECK(peer.SendName(kPeer));
  Say(&node, NextQuestion(&node), false);
  CHECK(peer.Receive(1).empty());
  CHECK(peer.IsClosed());
  CHECK_FALSE(node.events().Poll());
}

TEST_CASE("a question without an answer is given up in time") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 50, .ask_before_accept = true});
  RawPeer peer = RawPeer::ConnectTo(node.Listen());
  CHECK(peer.SendName(kPeer));
  const int32_t question = NextQuestion(&node);
  const auto refused = node.events().NextOf(EventKind::kRefused);
  REQUIRE(refused);
  CHECK(refused->BinaryAt(0) == "TIMEOUT");
  CHECK(refused->BinaryAt(3) == kPeer);
  CHECK(peer.Receive(1).empty());
  CHECK(peer.IsClosed());
  Say(&node, question, true);
  RawPeer next = RawPeer::ConnectTo(node.Listen());
  CHECK(next.SendName(kPeer));
  Say(&node, NextQuestion(&node), true);
  CHECK(next.ReceivePacket() == "sok");
}

TEST_CASE("a node begins to ask, and ceases to, when it is told") {
  TestNode node("b@127.0.0.1");
  const uint16_t port = node.Listen();
  node.Post(AskBeforeAccept{node.node(), true});
  RawPeer first = RawPeer::ConnectTo(port);
  CHECK(first.SendName(kPeer));
  const int32_t question = NextQuestion(&node);
  node.Post(AskBeforeAccept{node.node(), false});
  RawPeer second = RawPeer::ConnectTo(port);
  CHECK(second.SendName(kPeer));
  CHECK(second.ReceivePacket() == "sok");
  Say(&node, question, true);
  CHECK(first.ReceivePacket() == "sok");
}

TEST_CASE("hundreds of unanswered questions keep no peer of another address out") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 60000, .ask_before_accept = true});
  const uint16_t port = node.Listen();
  RawPeer good = RawPeer::ConnectTo(port, "127.0.0.2");
  CHECK(good.SendName(kPeer));
  const int32_t question = NextQuestion(&node);
  std::vector<RawPeer> others;
  for (int i = 0; i < 600; i++) {
    others.push_back(RawPeer::ConnectTo(port));
    CHECK(others.back().SendName("c" + std::to_string(i) + "@127.0.0.1"));
    NextQuestion(&node);
  }
  Say(&node, question, true);
  CHECK(good.ReceivePacket() == "sok");
  CHECK(others.front().IsClosed());
}

// A node that is called, and peers that do not go on after what they said first.
struct Flood {
  void Silent(uint16_t port, const std::string& from) {
    peers.push_back(RawPeer::ConnectTo(port, from));
    REQUIRE(peers.back().connected());
  }
  void Named(uint16_t port, const std::string& from, const std::string& name) {
    Silent(port, from);
    REQUIRE(peers.back().SendName(name));
  }

  std::vector<RawPeer> peers;
};

void CheckLetIn(TestNode* peer, uint16_t port, const std::string& name = "b@127.0.0.1") {
  const auto start = std::chrono::steady_clock::now();
  const uint32_t channel = peer->Dial(name, port, 10000);
  CHECK(peer->events().NextOf(EventKind::kChannelUp, channel, 10000));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1) * Patience());
}

TEST_CASE("a thousand silent callers and a thousand that stop keep no good peer out") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 60000});
  const uint16_t port = node.Listen();
  Flood flood;
  for (int i = 0; i < 1000; i++) {
    const std::string from = "127.0.0." + std::to_string(1 + i % 5);
    flood.Silent(port, from);
    flood.Named(port, from, "c" + std::to_string(i) + "@127.0.0.1");
  }
  TestNode good(kPeer);
  CheckLetIn(&good, port);
}

TEST_CASE("callers that stop after the good peer's own name do not keep it out") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 60000});
  const uint16_t port = node.Listen();
  Flood flood;
  for (int i = 0; i < 300; i++)
    flood.Named(port, "127.0.0.1", kPeer);
  TestNode good(kPeer);
  CheckLetIn(&good, port);
  // They are closed then: they have not proved what the good peer has.
  CHECK(flood.peers.back().IsClosed());
}

TEST_CASE("callers that stop at one node do not keep peers out of another in the process") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 60000});
  Flood flood;
  std::vector<uint16_t> ports = {node.Listen()};
  for (int i = 0; i < 2; i++) {
    const uint32_t id = node.NextId();
    node.Post(OpenNode{.node = id,
                       .name = "d" + std::to_string(i) + "@127.0.0.1",
                       .cookie = "secret",
                       .creation = 7,
                       .hidden = true,
                       .tick_time_ms = 60000,
                       .handshake_timeout_ms = 60000,
                       .max_frame_bytes = 1 << 20,
                       .max_depth = 100,
                       .max_queued_bytes = UINT64_MAX,
                       .ask_before_accept = false});
    node.Post(Listen{id, "127.0.0.1", 0});
    const auto listening = node.events().NextOf(EventKind::kListening, id);
    REQUIRE(listening);
    ports.push_back(static_cast<uint16_t>(listening->IntAt(0).value_or(0)));
  }
  for (int i = 0; i < 200; i++) {
    for (size_t at = 1; at < ports.size(); at++)
      flood.Named(ports[at], "127.0.0.1", "c" + std::to_string(i) + "@127.0.0.1");
  }
  TestNode good(kPeer);
  CheckLetIn(&good, ports[0]);
  CheckLetIn(&good, ports[1], "d0@127.0.0.1");
}

TEST_CASE("who calls under a peer's name holds up our dial to that peer for a moment only") {
  // The greater name has the right of way, and the impostor takes it.
  TestNode node("a@127.0.0.1");
  TestNode good("z@127.0.0.1");
  const uint16_t port = node.Listen();
  RawPeer impostor = RawPeer::ConnectTo(port);
  CHECK(impostor.SendName("z@127.0.0.1"));
  CHECK(impostor.ReceivePacket() == "sok");
  const uint32_t channel = node.Dial("z@127.0.0.1", good.Listen(), 10000);
  CHECK(node.events().NextOf(EventKind::kChannelUp, channel, 5000));
  CHECK(impostor.IsClosed());
}

TEST_CASE("callers that come byte by byte, or announce more than any name, are given up") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 300});
  const uint16_t port = node.Listen();
  RawPeer slow = RawPeer::ConnectTo(port);
  const auto start = std::chrono::steady_clock::now();
  // Each byte is one more; the time for all of them is one.
  CHECK(slow.Send(std::string(1, '\0')));
  CHECK(slow.Send(std::string(1, '\x20')));
  for (int i = 0; i < 31 && slow.Send("N"); i++) {
    if (slow.IsReadable(20)) break;
  }
  CHECK(slow.IsClosed());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1000));
  RawPeer large = RawPeer::ConnectTo(port);
  CHECK(large.Send("\xFF\xFF"));
  CHECK(large.IsClosed());
}

}  // namespace
}  // namespace beamlink::test
