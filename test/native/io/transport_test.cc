#include <doctest/doctest.h>
#include <netinet/in.h>
#include <string>

#include "io/raw_peer.h"
#include "io/test_node.h"

namespace beamlink::test {
namespace {

constexpr size_t kLong = kLongHandshakeHeaderBytes;
constexpr size_t kShort = kHandshakeHeaderBytes;

// One end for a reactor; what JavaScript would hold is `other`.
struct Ends {
  explicit Ends(size_t header_bytes) : transport{.fd = {}, .header_bytes = header_bytes} {
    CHECK(MakeSocketPair(&transport.fd, &other).ok());
  }

  Transport transport;
  UniqueFd other;
};

uint32_t DialThroughIt(TestNode* node, Transport transport, const std::string& peer,
                       uint32_t timeout_ms = 5000) {
  const uint32_t channel = node->NextId();
  node->Post(
      DialThrough{{node->node(), channel, "1.2.3.4", 0, peer, timeout_ms}, std::move(transport)});
  return channel;
}

void AcceptThroughIt(TestNode* node, Transport transport) {
  node->Post(AcceptThrough{node->node(), "5.6.7.8", std::move(transport), 17});
}

std::string FailureOf(TestNode* node, uint32_t channel, size_t at = 0) {
  const auto event = node->events().NextOf(EventKind::kDialFailed, channel);
  return event ? event->BinaryAt(at) : "(nothing)";
}

std::string RefusalOf(TestNode* node, size_t at = 0) {
  const auto event = node->events().NextOf(EventKind::kRefused);
  return event ? event->BinaryAt(at) : "(nothing)";
}

TEST_CASE("two nodes meet over one socketpair, with headers of either size") {
  for (const size_t header_bytes : {kShort, kLong}) {
    TestNode one("a@127.0.0.1");
    TestNode two("b@127.0.0.1");
    Ends ends(header_bytes);
    AcceptThroughIt(&two, {std::move(ends.other), header_bytes});
    const uint32_t channel = DialThroughIt(&one, std::move(ends.transport), "b@127.0.0.1");
    const auto dialled = one.events().NextOf(EventKind::kChannelUp);
    REQUIRE(dialled);
    CHECK(dialled->channel == channel);
    CHECK(dialled->BinaryAt(5) == "1.2.3.4");
    const auto called = two.events().NextOf(EventKind::kChannelUp);
    REQUIRE(called);
    CHECK(called->BinaryAt(5) == "5.6.7.8");
    for (const size_t size : {size_t{1}, size_t{100'000}, size_t{5} << 20}) {
      const std::string text(size, 'x');
      one.Say(channel, text);
      two.Say(called->channel, text);
      for (TestNode* node : {&one, &two}) {
        const auto frame = node->events().NextOf(EventKind::kFrame);
        REQUIRE(frame);
        CHECK(frame->Payload().ends_with(text));
      }
    }
    one.Post(CloseChannel{channel});
    CHECK(two.events().NextOf(EventKind::kChannelDown, called->channel));
    CHECK(one.events().NextOf(EventKind::kChannelDown, channel));
  }
}

TEST_CASE("a question about a connection that JavaScript carries names the number it gave") {
  TestNode node("b@127.0.0.1", {.ask_before_accept = true});
  Ends ends(kLong);
  AcceptThroughIt(&node, std::move(ends.transport));
  RawPeer peer(std::move(ends.other), kLong);
  CHECK(peer.SendName("a@127.0.0.1"));
  const auto asked = node.events().NextOf(EventKind::kAsked);
  REQUIRE(asked);
  CHECK(asked->BinaryAt(2) == "5.6.7.8");
  CHECK(asked->IntAt(3) == 17);
  node.Post(Answer{node.node(), static_cast<uint32_t>(asked->IntAt(0).value_or(0)), true});
  CHECK(peer.ReceivePacket() == "sok");
}

TEST_CASE("packets of a handshake with long headers are four bytes longer than they say") {
  TestNode node("b@127.0.0.1");
  Ends ends(kLong);
  AcceptThroughIt(&node, std::move(ends.transport));
  RawPeer peer(std::move(ends.other), kLong);
  CHECK(peer.SendName("a@127.0.0.1"));
  CHECK(peer.Receive(7) == std::string("\0\0\0\3sok", 7));
  CHECK(peer.ReceivePacket().starts_with("N"));
}

TEST_CASE("a dial through a stream that ends or says nonsense fails as another dial") {
  TestNode node("a@127.0.0.1");
  const auto dial = [&](const std::string& answer) {
    Ends ends(kLong);
    const uint32_t channel = DialThroughIt(&node, std::move(ends.transport), "b@127.0.0.1");
    RawPeer peer(std::move(ends.other), kLong);
    CHECK(peer.ReceivePacket().starts_with("N"));
    if (!answer.empty()) CHECK(peer.Send(answer));
    peer.Close();
    return FailureOf(&node, channel);
  };
  CHECK(dial("") == "REFUSED");
  CHECK(dial(std::string("\0\1\0\0", 4)) == "PROTOCOL");
  CHECK(dial(std::string("\xFF\xFF\xFF\xFF", 4)) == "PROTOCOL");
  CHECK(dial(std::string("\0\0\0\x0Csnot_allowed", 16)) == "REFUSED");
}

TEST_CASE("a silent stream is given up in time, in both roles") {
  TestNode node("a@127.0.0.1", {.handshake_timeout_ms = 50});
  Ends dialled(kLong);
  const uint32_t channel = DialThroughIt(&node, std::move(dialled.transport), "b@127.0.0.1", 50);
  CHECK(FailureOf(&node, channel) == "TIMEOUT");
  CHECK(RawPeer(std::move(dialled.other)).IsClosed());
  Ends accepted(kLong);
  AcceptThroughIt(&node, std::move(accepted.transport));
  CHECK(RefusalOf(&node) == "TIMEOUT");
  CHECK(RawPeer(std::move(accepted.other)).IsClosed());
}

TEST_CASE("too many silent streams make room for newer ones, as connections do") {
  TestNode node("b@127.0.0.1");
  std::vector<UniqueFd> others;
  for (int i = 0; i < 257; i++) {
    Ends ends(kLong);
    AcceptThroughIt(&node, std::move(ends.transport));
    others.push_back(std::move(ends.other));
  }
  CHECK(RefusalOf(&node) == "REFUSED");
  CHECK(RawPeer(std::move(others.front())).IsClosed());
}

TEST_CASE("a dial that gave way and is wanted again fails: its stream has been used") {
  TestNode node("a@127.0.0.1");
  Ends ours(kLong);
  const uint32_t channel = DialThroughIt(&node, std::move(ours.transport), "b@127.0.0.1");
  RawPeer dialled(std::move(ours.other), kLong);
  CHECK(dialled.ReceivePacket().starts_with("N"));
  // b > a: its call takes precedence, then comes to nothing.
  Ends theirs(kLong);
  AcceptThroughIt(&node, std::move(theirs.transport));
  RawPeer caller(std::move(theirs.other), kLong);
  CHECK(caller.SendName("b@127.0.0.1"));
  CHECK(caller.ReceivePacket() == "sok_simultaneous");
  caller.Close();
  CHECK(FailureOf(&node, channel) == "REFUSED");
}

TEST_CASE("a caller whose call is ours to make is answered nok with its own kind of header") {
  TestNode node("b@127.0.0.1");
  Ends ours(kLong);
  DialThroughIt(&node, std::move(ours.transport), "a@127.0.0.1");
  RawPeer dialled(std::move(ours.other), kLong);
  CHECK(dialled.ReceivePacket().starts_with("N"));
  Ends theirs(kLong);
  AcceptThroughIt(&node, std::move(theirs.transport));
  RawPeer caller(std::move(theirs.other), kLong);
  CHECK(caller.SendName("a@127.0.0.1"));
  CHECK(caller.Receive(8) == std::string("\0\0\0\4snok", 8));
}

TEST_CASE("a caller or peer that speaks TLS to a node without it is called so") {
  TestNode node("b@127.0.0.1");
  RawPeer caller = RawPeer::ConnectTo(node.Listen());
  CHECK(caller.Send(std::string("\x16\x03\x01\x02\x00\x01", 6)));
  CHECK(RefusalOf(&node, 1).find("TLS") != std::string::npos);
  Ends ends(kShort);
  const uint32_t channel = DialThroughIt(&node, std::move(ends.transport), "a@127.0.0.1");
  RawPeer peer(std::move(ends.other));
  CHECK(peer.ReceivePacket().starts_with("N"));
  CHECK(peer.Send(std::string("\x15\x03\x03\x00\x02\x02\x0A", 7)));
  CHECK(FailureOf(&node, channel, 1).find("tls") != std::string::npos);
}

TEST_CASE("a dial that fails before its stream is used closes it") {
  TestNode node("a@127.0.0.1");
  Ends ends(kLong);
  CHECK(FailureOf(&node, DialThroughIt(&node, std::move(ends.transport), "a@127.0.0.1")) ==
        "REFUSED");
  CHECK(RawPeer(std::move(ends.other)).IsClosed());
}

TEST_CASE("streams for a node that is closed are closed") {
  TestNode node("a@127.0.0.1");
  node.Post(CloseNode{node.node()});
  Ends dialled(kLong);
  const uint32_t channel = DialThroughIt(&node, std::move(dialled.transport), "b@127.0.0.1");
  CHECK(FailureOf(&node, channel) == "CLOSED");
  CHECK(RawPeer(std::move(dialled.other)).IsClosed());
  Ends accepted(kLong);
  AcceptThroughIt(&node, std::move(accepted.transport));
  CHECK(RawPeer(std::move(accepted.other)).IsClosed());
}

}  // namespace
}  // namespace beamlink::test
