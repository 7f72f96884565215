#include "io/challenge.h"

#include <doctest/doctest.h>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/big_endian.h"
#include "io/handshake_script.h"
#include "io/raw_peer.h"
#include "io/test_node.h"

namespace beamlink::test {
namespace {

std::string Hex(const Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string Text(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

Packet Bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

uint32_t Number(const std::string& packet, size_t at) {
  REQUIRE(packet.size() >= at + 4);
  return LoadU32(reinterpret_cast<const uint8_t*>(packet.data()) + at);
}

std::string Word(uint32_t number) {
  uint8_t bytes[4];
  StoreU32(bytes, number);
  return Text(bytes);
}

// A port that nobody needs.
struct NoPort final : PacketPort {
  Status ReadPacket(Packet*) override { return {StatusCode::kNoConnection, "no port"}; }
  Status WritePacket(std::span<const uint8_t>) override {
    return {StatusCode::kNoConnection, "no port"};
  }
};

TEST_CASE("the digest is MD5 of the cookie and the challenge in decimal") {
  // RFC 1321, A.5, of the texts that end in digits.
  CHECK(Hex(DigestOf("123456789012345678901234567890123456789012345678901234567890123456789012345",
                     67890)) == "57edf4a22be3c955ac49da2e2107b67a");
  // printf '%s%s' monster 3000000000 | md5sum
  CHECK(Hex(DigestOf("monster", 3'000'000'000)) == "959dd846a9b2e65c11576cb36f4a2772");
  CHECK(Hex(DigestOf("", 0)) == "cfcd208495d565ef66e7dff9f98764da");
}

TEST_CASE("digests are the same only when every byte is") {
  const Digest digest = DigestOf("secret", 7);
  Digest other = digest;
  CHECK(IsSame(other, digest));
  for (size_t i = 0; i < other.size(); i++) {
    other[i] ^= 0x80;
    CHECK_FALSE(IsSame(other, digest));
    other[i] ^= 0x80;
  }
  CHECK_FALSE(IsSame(std::span(other).first(15), digest));
  CHECK_FALSE(IsSame({}, digest));
}

TEST_CASE("ei's challenge is replaced on its way out, and the answer exchanged on its way in") {
  for (const uint32_t of_ei : {0u, 7u, 0xFFFFFFFFu}) {
    const std::string head("N\0\0\0\4\x07\x07\x4F\x9C", 9);
    Packet packet = Bytes(head + Word(of_ei) + "crea" + std::string("\0\3b@h", 5));
    auto script = MakeAcceptScript(0, "secret", {.name = "a@h"}, AcceptAnswer::kOk);
    NoPort port;
    Packet status = StatusPacket("ok");
    REQUIRE(script->Outgoing(&port, &status).ok());
    REQUIRE(script->Outgoing(&port, &packet).ok());
    const uint32_t ours = Number(Text(packet), kChallengeAt);
    CHECK(ours != of_ei);
    // All else is as it was.
    StoreU32(packet.data() + kChallengeAt, of_ei);
    CHECK(Text(packet) == head + Word(of_ei) + "crea" + std::string("\0\3b@h", 5));

    Packet reply = Bytes("r" + Word(99) + Text(DigestOf("secret", ours)));
    REQUIRE(script->Incoming(&port, &reply).ok());
    CHECK(Text(reply) == "r" + Word(99) + Text(DigestOf("secret", of_ei)));
    // Our answer to the peer's challenge is ei's own.
    Packet ack = Bytes("a" + Text(DigestOf("secret", 99)));
    REQUIRE(script->Outgoing(&port, &ack).ok());
    CHECK(Text(ack) == "a" + Text(DigestOf("secret", 99)));
  }
}

TEST_CASE("what does not prove the cookie never reaches ei") {
  const auto answer = [](const std::function<std::string(uint32_t)>& reply) {
    auto script = MakeAcceptScript(0, "secret", {.name = "a@h"}, AcceptAnswer::kOk);
    NoPort port;
    Packet status = StatusPacket("ok");
    REQUIRE(script->Outgoing(&port, &status).ok());
    Packet challenge = Bytes("N" + std::string(8, '\0') + Word(1) + std::string(6, '\0'));
    REQUIRE(script->Outgoing(&port, &challenge).ok());
    Packet packet = Bytes(reply(Number(Text(challenge), kChallengeAt)));
    const Status refused = script->Incoming(&port, &packet);
    CHECK_FALSE(refused.ok());
    return script->Explain(refused).code();
  };
  CHECK(answer([](uint32_t ours) { return "r" + Word(9) + Text(DigestOf("other", ours)); }) ==
        StatusCode::kAuth);
  // The answer to ei's challenge, which the peer cannot know.
  CHECK(answer([](uint32_t) { return "r" + Word(9) + Text(DigestOf("secret", 1)); }) ==
        StatusCode::kAuth);
  CHECK(answer([](uint32_t) { return "r" + Word(9) + std::string(16, '\0'); }) ==
        StatusCode::kAuth);
  CHECK(answer([](uint32_t ours) {
          return "r" + Word(9) + Text(DigestOf("secret", ours)) + "x";
        }) == StatusCode::kMalformed);
  CHECK(answer([](uint32_t) { return "r" + Word(9); }) == StatusCode::kMalformed);
  CHECK(answer([](uint32_t) { return ""; }) == StatusCode::kMalformed);
}

// The challenge with which a node answers a caller.
uint32_t ChallengeTo(uint16_t port, const std::string& name) {
  RawPeer peer = RawPeer::ConnectTo(port);
  CHECK(peer.SendName(name));
  CHECK(peer.ReceivePacket() == "sok");
  return Number(peer.ReceivePacket(), kChallengeAt);
}

TEST_CASE("challenges do not come again, and are spread over all numbers") {
  TestNode node("b@127.0.0.1");
  const uint16_t port = node.Listen();
  std::set<uint32_t> challenges;
  uint32_t bits_set = 0;
  uint32_t bits_clear = 0;
  constexpr size_t kCount = 64;
  for (size_t i = 0; i < kCount; i++) {
    const uint32_t challenge = ChallengeTo(port, "a" + std::to_string(i) + "@127.0.0.1");
    challenges.insert(challenge);
    bits_set |= challenge;
    bits_clear |= ~challenge;
  }
  CHECK(challenges.size() == kCount);
  // Of 64 random numbers one has each bit, and one has it not, all but always (1 - 2^-58).
  CHECK(bits_set == UINT32_MAX);
  CHECK(bits_clear == UINT32_MAX);
}

TEST_CASE("a caller that answers the challenge is let in; one that answers another is not") {
  TestNode node("b@127.0.0.1");
  const uint16_t port = node.Listen();
  const auto call = [&](const std::function<uint32_t(uint32_t)>& answered) {
    RawPeer peer = RawPeer::ConnectTo(port);
    CHECK(peer.SendName("a@127.0.0.1"));
    CHECK(peer.ReceivePacket() == "sok");
    const uint32_t challenge = Number(peer.ReceivePacket(), kChallengeAt);
    CHECK(peer.SendPacket("r" + Word(12345) + Text(DigestOf("secret", answered(challenge)))));
    return peer.ReceivePacket();
  };
  CHECK(call([](uint32_t challenge) { return challenge + 1; }).empty());
  const auto refused = node.events().NextOf(EventKind::kRefused);
  REQUIRE(refused);
  CHECK(refused->BinaryAt(0) == "AUTH");
  CHECK(refused->BinaryAt(1).find("secret") == std::string::npos);
  CHECK(call([](uint32_t challenge) { return challenge; }) ==
        "a" + Text(DigestOf("secret", 12345)));
  CHECK(node.NextUp() != 0);
}

}  // namespace
}  // namespace beamlink::test
