#include <doctest/doctest.h>
#include <netinet/in.h>
#include <string>

#include "base/unique_fd.h"
#include "dist/flags.h"
#include "io/raw_peer.h"
#include "io/test_node.h"

namespace beamlink::test {
namespace {

// A listening socket that no reactor knows of.
struct RawListener {
  RawListener() {
    SocketAddress address;
    CHECK(ParseAddress("127.0.0.1", 0, &address).ok());
    fd = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(::bind(fd.get(), address.get(), address.length) == 0);
    CHECK(::listen(fd.get(), 8) == 0);
    sockaddr_in name = {};
    socklen_t size = sizeof(name);
    CHECK(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size) == 0);
    port = ntohs(name.sin_port);
  }

  UniqueFd fd;
  uint16_t port = 0;
};

std::string DialFailure(TestNode* node, uint32_t channel) {
  const auto event = node->events().NextOf(EventKind::kDialFailed, channel);
  return event ? event->BinaryAt(0) : "(nothing)";
}

std::string RefusalOf(TestNode* node) {
  const auto event = node->events().NextOf(EventKind::kRefused);
  return event ? event->BinaryAt(0) : "(nothing)";
}

TEST_CASE("a dial to where nobody listens fails with NOCONNECTION") {
  TestNode node("a@127.0.0.1");
  uint16_t port = 0;
  {
    const RawListener listener;
    port = listener.port;
  }
  const uint32_t channel = node.Dial("b@127.0.0.1", port);
  CHECK(DialFailure(&node, channel) == "NOCONNECTION");
  CHECK(DialFailure(&node, node.Dial("b@127.0.0.1", port, 5000, "no address")) == "NOCONNECTION");
}

TEST_CASE("a dial to a peer that says nothing fails with TIMEOUT, in time") {
  TestNode node("a@127.0.0.1");
  const RawListener listener;
  const uint32_t channel = node.Dial("b@127.0.0.1", listener.port, 50);
  CHECK(DialFailure(&node, channel) == "TIMEOUT");
}

TEST_CASE("a dial to a node of another cookie fails with AUTH, and the node tells who came") {
  TestNode one("a@127.0.0.1", {.cookie = "other"});
  TestNode two("b@127.0.0.1");
  const uint16_t port = two.Listen();
  const uint32_t channel = one.Dial("b@127.0.0.1", port);
  CHECK(DialFailure(&one, channel) == "AUTH");
  const auto refused = two.events().NextOf(EventKind::kRefused);
  REQUIRE(refused);
  CHECK(refused->BinaryAt(0) == "AUTH");
  CHECK(refused->BinaryAt(2) == "127.0.0.1");
  CHECK(refused->BinaryAt(3) == "a@127.0.0.1");
}

TEST_CASE("a cookie for one peer takes the place of the node's own") {
  TestNode one("a@127.0.0.1", {.cookie = "other"});
  TestNode two("b@127.0.0.1");
  const uint16_t port = two.Listen();
  one.Post(SetCookie{one.node(), "b@127.0.0.1", "secret"});
  const uint32_t from_one = one.Dial("b@127.0.0.1", port);
  CHECK(one.NextUp() == from_one);
  TestNode three("c@127.0.0.1", {.cookie = "third"});
  two.Post(SetCookie{two.node(), "c@127.0.0.1", "third"});
  const uint32_t from_three = three.Dial("b@127.0.0.1", port);
  CHECK(three.NextUp() == from_three);
}

TEST_CASE("a dial to a node of another name fails with PROTOCOL") {
  TestNode one("a@127.0.0.1");
  TestNode two("b@127.0.0.1");
  const uint16_t port = two.Listen();
  CHECK(DialFailure(&one, one.Dial("c@127.0.0.1", port)) == "PROTOCOL");
}

TEST_CASE("a dial between short and long names fails with NAME_LENGTH") {
  TestNode one("a@host");
  CHECK(DialFailure(&one, one.Dial("b@127.0.0.1", 1)) == "NAME_LENGTH");
  TestNode two("a@host.domain");
  CHECK(DialFailure(&two, two.Dial("b@host", 1)) == "NAME_LENGTH");
}

TEST_CASE("a dial to ourselves, or a second dial to the same peer, is refused") {
  TestNode node("a@127.0.0.1");
  CHECK(DialFailure(&node, node.Dial("a@127.0.0.1", 1)) == "REFUSED");
  const RawListener listener;
  const uint32_t first = node.Dial("b@127.0.0.1", listener.port);
  const uint32_t second = node.Dial("b@127.0.0.1", listener.port);
  CHECK(DialFailure(&node, second) == "REFUSED");
  node.Post(CloseChannel{first});
  CHECK(DialFailure(&node, first) == "CLOSED");
}

TEST_CASE("what a peer answers to our name decides how the dial fails") {
  TestNode node("a@127.0.0.1");
  const RawListener listener;
  const auto answer = [&](const std::string& status) {
    const uint32_t channel = node.Dial("b@127.0.0.1", listener.port, 2000);
    RawPeer peer = RawPeer::AcceptFrom(listener.fd.get());
    CHECK(peer.ReceivePacket().starts_with("N"));
    if (status.empty()) {
      peer.Close();
    } else {
      CHECK(peer.SendPacket(status));
    }
    return DialFailure(&node, channel);
  };
  CHECK(answer("snot_allowed") == "REFUSED");
  CHECK(answer("") == "REFUSED");
  CHECK(answer("swhatever") == "PROTOCOL");
  CHECK(answer("x") == "PROTOCOL");
  CHECK(answer(std::string(3000, 's')) == "PROTOCOL");
}

TEST_CASE("a peer that closes after our reply to its challenge has refused our cookie") {
  TestNode node("a@127.0.0.1");
  const RawListener listener;
  const uint32_t channel = node.Dial("b@127.0.0.1", listener.port, 2000);
  RawPeer peer = RawPeer::AcceptFrom(listener.fd.get());
  CHECK(peer.ReceivePacket().size() == 1 + 8 + 4 + 2 + 11);
  CHECK(peer.SendPacket("sok"));
  const std::string challenge(
      "N\0\0\0\0\x07\xDD\xFF\xBC"
      "chal"
      "crea"
      "\0\x0B",
      19);
  CHECK(peer.SendPacket(challenge + "b@127.0.0.1"));
  CHECK(peer.ReceivePacket().size() == 21);
  peer.Close();
  CHECK(DialFailure(&node, channel) == "AUTH");
}

TEST_CASE("a peer that answers alive is told that its channel is dead") {
  TestNode node("a@127.0.0.1");
  const RawListener listener;
  node.Dial("b@127.0.0.1", listener.port, 2000);
  RawPeer peer = RawPeer::AcceptFrom(listener.fd.get());
  CHECK(peer.ReceivePacket().starts_with("N"));
  CHECK(peer.SendPacket("salive"));
  CHECK(peer.ReceivePacket() == "strue");
}

TEST_CASE("a peer that answers nok and does not call is refused in the end") {
  TestNode node("a@127.0.0.1");
  const RawListener listener;
  const uint32_t channel = node.Dial("b@127.0.0.1", listener.port, 100);
  RawPeer peer = RawPeer::AcceptFrom(listener.fd.get());
  CHECK(peer.ReceivePacket().starts_with("N"));
  CHECK(peer.SendPacket("snok"));
  CHECK(DialFailure(&node, channel) == "REFUSED");
}

TEST_CASE("a caller that is no node is turned away with the reason") {
  TestNode node("b@127.0.0.1");
  const uint16_t port = node.Listen();
  const auto say = [&](const std::string& bytes) {
    RawPeer peer = RawPeer::ConnectTo(port);
    REQUIRE(peer.connected());
    CHECK(peer.Send(bytes));
    if (bytes.empty()) peer.Close();
    return RefusalOf(&node);
  };
  CHECK(say("GET / HTTP/1.1\r\n\r\n") == "PROTOCOL");
  CHECK(say(std::string("\0\1x", 3)) == "PROTOCOL");
  CHECK(say(std::string("\0\0x", 3)) == "PROTOCOL");
  CHECK(say(std::string("\0\7n\0\5\0\0\0\0", 9)) == "PROTOCOL");
  CHECK(say("") == "NOCONNECTION");
  for (const char* name : {"", "nohost", "@host", "a@", "\xFF@host"}) {
    RawPeer peer = RawPeer::ConnectTo(port);
    CHECK(peer.SendName(name));
    CHECK(RefusalOf(&node) == "PROTOCOL");
    CHECK(peer.IsClosed());
  }
}

TEST_CASE("a caller that wants to be named is told that this is not done") {
  TestNode node("b@127.0.0.1");
  RawPeer peer = RawPeer::ConnectTo(node.Listen());
  CHECK(peer.SendName("host", kFlagNameMe | 0x7DDFFBC));
  CHECK(RefusalOf(&node) == "PROTOCOL");
}

TEST_CASE("a caller without the capabilities that ei needs is turned away") {
  TestNode node("b@127.0.0.1");
  RawPeer peer = RawPeer::ConnectTo(node.Listen());
  CHECK(peer.SendName("a@127.0.0.1", kFlagHandshake23));
  CHECK(RefusalOf(&node) == "PROTOCOL");
}

TEST_CASE("a caller that does not go on is given up in time") {
  TestNode node("b@127.0.0.1", {.handshake_timeout_ms = 50});
  const uint16_t port = node.Listen();
  RawPeer silent = RawPeer::ConnectTo(port);
  CHECK(RefusalOf(&node) == "TIMEOUT");
  CHECK(silent.IsClosed());
  RawPeer named = RawPeer::ConnectTo(port);
  CHECK(named.SendName("a@127.0.0.1"));
  CHECK(named.ReceivePacket() == "sok");
  CHECK(RefusalOf(&node) == "TIMEOUT");
  CHECK(named.IsClosed());
}

TEST_CASE("strangers cannot fill the queue with refusals; those untold are counted") {
  TestNode node("b@127.0.0.1");
  const uint16_t port = node.Listen();
  for (int i = 0; i < 150; i++) {
    RawPeer peer = RawPeer::ConnectTo(port);
    REQUIRE(peer.Send("nonsense"));
    REQUIRE(peer.IsClosed());
  }
  size_t told = 0;
  while (node.events().Poll())
    told++;
  CHECK(told <= 100 * 2);
  // The others are counted, after at most a second.
  while (told < 150) {
    const auto event = node.events().NextOf(EventKind::kRefused);
    REQUIRE(event);
    told += static_cast<size_t>(event->IntAt(4).value_or(0));
  }
  CHECK(told == 150);
}

TEST_CASE("a caller that says our own name is turned away") {
  TestNode node("b@127.0.0.1");
  RawPeer ours = RawPeer::ConnectTo(node.Listen());
  CHECK(ours.SendName("b@127.0.0.1"));
  CHECK(ours.IsClosed());
  CHECK(RefusalOf(&node) == "REFUSED");
}

TEST_CASE("both sides learn name, flags and creation; a visible node says so") {
  for (const bool hidden : {true, false}) {
    TestNode one("a@127.0.0.1", {.creation = 17, .hidden = hidden});
    TestNode two("b@127.0.0.1", {.creation = 0x7FFFFFF0, .hidden = hidden});
    const uint32_t channel = one.Dial("b@127.0.0.1", two.Listen());
    const auto dialled = one.events().NextOf(EventKind::kChannelUp);
    const auto called = two.events().NextOf(EventKind::kChannelUp);
    REQUIRE(dialled);
    REQUIRE(called);
    CHECK(dialled->channel == channel);
    CHECK(dialled->IntAt(0) == static_cast<int32_t>(one.node()));
    // The name, then the address.
    CHECK(dialled->body == "b@127.0.0.1127.0.0.1");
    CHECK(called->body == "a@127.0.0.1127.0.0.1");
    CHECK(dialled->BinaryAt(5) == "127.0.0.1");
    CHECK(called->BinaryAt(5) == "127.0.0.1");
    CHECK(dialled->IntAt(3) == 0x7FFFFFF0);
    CHECK(called->IntAt(3) == 17);
    CHECK(dialled->IntAt(4) == 0);
    CHECK(called->IntAt(4) == 1);
    double flags = 0;
    REQUIRE(dialled->ops[4] == kWide);
    std::memcpy(&flags, &dialled->ops[6], sizeof(flags));
    const auto bits = static_cast<uint64_t>(flags);
    CHECK((bits & kFlagsBeyondEi) == kFlagsBeyondEi);
    CHECK(((bits & kFlagPublished) != 0) == !hidden);
  }
}

TEST_CASE("peers meet over IPv6 where the machine has it") {
  TestNode one("a@::1");
  TestNode two("b@::1");
  const uint16_t port = two.Listen("::1");
  if (port == 0) return;
  const uint32_t channel = one.Dial("b@::1", port, 5000, "::1");
  CHECK(one.NextUp() == channel);
}

TEST_CASE("listening on a port that is taken, or on no address, fails") {
  TestNode one("a@127.0.0.1");
  TestNode two("b@127.0.0.1");
  const uint16_t port = one.Listen();
  two.Post(Listen{two.node(), "127.0.0.1", port});
  const auto taken = two.events().NextOf(EventKind::kListenFailed);
  REQUIRE(taken);
  CHECK(taken->BinaryAt(1).find("already in use") != std::string::npos);
  two.Post(Listen{two.node(), "nowhere", 0});
  CHECK(two.events().NextOf(EventKind::kListenFailed));
}

}  // namespace
}  // namespace beamlink::test
