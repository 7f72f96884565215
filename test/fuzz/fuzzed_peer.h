// The other side of a handshake, as an input of a fuzz target plays it.
//
//   step := kind:8 …                                          (kind % 10)
//     0 length:8 byte{length}          a packet with that content
//     1 length:8 byte{length}          bytes without a length in front
//     2 flags:8 name:8                 a name packet
//     3 text:8                         a status
//     4 flags:8 name:8 challenge:32    a challenge
//     5 challenge:32                   the reply to the challenge that was heard last, with the
//     right
//                                      digest
//     6                                the acknowledgement of it, with the right digest
//     7                                the packet that was heard last, sent back
//     8 length:8 byte{length}          a packet with a right digest, then these bytes
//     9 byte*                          all that is left, as it is; the last step
//   flags picks a bit to be turned in what a good node sends (none when it is 255), name one of
//   kNames.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "base/big_endian.h"
#include "base/unique_fd.h"
#include "dist/flags.h"
#include "io/handshake_packet.h"
#include "kept.h"

// ei's own, which its headers keep to themselves. The first argument is its MD5_CTX, of 88 bytes.
extern "C" {
void ei_MD5Init(void* context);
void ei_MD5Update(void* context, unsigned char* input, unsigned int length);
void ei_MD5Final(unsigned char* digest, void* context);
}

namespace beamlink::fuzz {

inline constexpr std::string_view kCookie = "the cookie of both";
inline constexpr std::array<std::string_view, 5> kNames = {"peer@127.0.0.1", "other@127.0.0.1", "x",
                                                           "@", "ours@127.0.0.1"};
inline constexpr std::array<std::string_view, 8> kStatuses = {
    "ok", "ok_simultaneous", "alive", "nok", "not_allowed", "true", "false", "named:"};
// What OTP 25 sends, and OTP 27.
inline constexpr std::array<uint64_t, 2> kGoodFlags = {0xD07DF7FBDULL,
                                                       0xD07DF7FBDULL | (1ULL << 36)};

using Bytes = std::vector<uint8_t>;

class FuzzedPeer {
 public:
  // Both ends do not block. `input` outlives it.
  FuzzedPeer(UniqueFd end, size_t header_bytes, std::span<const uint8_t> input)
      : end_(std::move(end)), header_bytes_(header_bytes), left_(input) {}

  // Called when the handshake waits for us: listens, then takes the next step, or hangs up behind
  // the last one.
  void Turn() {
    Hear();
    if (!left_.empty()) {
      Step();
    } else {
      ::shutdown(end_.get(), SHUT_WR);
    }
  }

  // Whether we have shown that we know the cookie.
  bool proved() const { return proved_; }

 private:
  uint8_t Byte() {
    if (left_.empty()) return 0;
    const uint8_t byte = left_.front();
    left_ = left_.subspan(1);
    return byte;
  }
  uint32_t Word() {
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
      word = word << 8 | Byte();
    return word;
  }
  std::span<const uint8_t> Take(size_t size) {
    const std::span<const uint8_t> taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }

  void Step() {
    switch (Byte() % 10) {
      case 0:
        return SendPacket(Take(Byte()));
      case 1:
        return Send(Take(Byte()));
      case 2:
        return SendIdentity(false);
      case 3:
        return SendPacket(StatusPacket(kStatuses[Byte() % kStatuses.size()]));
      case 4:
        return SendIdentity(true);
      case 5:
        return SendProof({'r', Byte(), Byte(), Byte(), Byte()}, {});
      case 6:
        return SendProof({'a'}, {});
      case 7:
        return SendPacket(heard_);
      case 8:
        return SendProof({static_cast<uint8_t>(heard_.empty() ? 'a' : heard_[0])}, Take(Byte()));
      default:
        return Send(Take(left_.size()));
    }
  }

  void Send(std::span<const uint8_t> bytes) {
    // What does not fit is lost, as with a peer that dies.
    (void)::send(end_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void SendPacket(std::span<const uint8_t> content) { Send(WithLength(content, header_bytes_)); }

  void SendIdentity(bool with_challenge) {
    const uint8_t turned = Byte();
    const std::string_view name = kNames[Byte() % kNames.size()];
    uint64_t flags = kGoodFlags[turned % kGoodFlags.size()];
    if (turned != 255) flags ^= uint64_t{1} << (turned / 2 % 64);
    Bytes packet(1 + 8 + (with_challenge ? 4 : 0) + 4 + 2);
    packet[0] = 'N';
    StoreU32(packet.data() + 1, static_cast<uint32_t>(flags >> 32));
    StoreU32(packet.data() + 5, static_cast<uint32_t>(flags));
    if (with_challenge) StoreU32(packet.data() + 9, Word());
    packet[packet.size() - 1] = static_cast<uint8_t>(name.size());
    packet.insert(packet.end(), name.begin(), name.end());
    SendPacket(packet);
  }

  void SendProof(Bytes packet, std::span<const uint8_t> more) {
    const std::array<uint8_t, 16> digest = Digest();
    packet.insert(packet.end(), digest.begin(), digest.end());
    packet.insert(packet.end(), more.begin(), more.end());
    SendPacket(packet);
    proved_ = true;
  }

  std::array<uint8_t, 16> Digest() const {
    std::string text = std::string(kCookie) + std::to_string(challenge_);
    alignas(16) std::array<uint8_t, 256> context;
    std::array<uint8_t, 16> digest;
    ei_MD5Init(context.data());
    ei_MD5Update(context.data(), reinterpret_cast<unsigned char*>(text.data()),
                 static_cast<unsigned>(text.size()));
    ei_MD5Final(digest.data(), context.data());
    return digest;
  }

  // Takes the packets that have come; the challenge stands in the last that has one.
  void Hear() {
    uint8_t bytes[4096];
    const ssize_t got = ::recv(end_.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got <= 0) return;
    std::span<const uint8_t> rest(bytes, static_cast<size_t>(got));
    while (rest.size() >= header_bytes_) {
      const size_t length = PacketLength(rest.data(), header_bytes_);
      Require(length <= rest.size() - header_bytes_);
      const std::span<const uint8_t> packet = rest.subspan(header_bytes_, length);
      HearPacket(packet);
      rest = rest.subspan(header_bytes_ + length);
    }
    Require(rest.empty());
  }

  void HearPacket(std::span<const uint8_t> packet) {
    const std::string_view text(reinterpret_cast<const char*>(packet.data()), packet.size());
    Require(text.find(kCookie) == std::string_view::npos);
    heard_.assign(packet.begin(), packet.end());
    if (text.starts_with("N") && packet.size() >= 13) challenge_ = LoadU32(packet.data() + 9);
    if (text.starts_with("r") && packet.size() >= 5) challenge_ = LoadU32(packet.data() + 1);
  }

  UniqueFd end_;
  const size_t header_bytes_;
  std::span<const uint8_t> left_;
  Bytes heard_;
  uint32_t challenge_ = 0;
  bool proved_ = false;
};

}  // namespace beamlink::fuzz
