// Packets of the handshake, as far as we read or rewrite them; ei makes and checks the rest.
//
//   packet    := length content                  the length is not part of what these see
//   length    := 16 bits over TCP; 32 over TLS and what else frames by four bytes (`packet` of OTP)
//   name      := 'N' flags:64 creation:32 length:16 name
//   status    := 's' text
//   challenge := 'N' flags:64 challenge:32 creation:32 length:16 name
//   reply     := 'r' challenge:32 digest:128
//   ack       := 'a' digest:128
//   source: erts, "Distribution Protocol", Distribution Handshake
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace beamlink {

// What ei sees, whatever the connection has.
inline constexpr size_t kHandshakeHeaderBytes = 2;
inline constexpr size_t kLongHandshakeHeaderBytes = 4;
// Far above any name; what is longer is no handshake.
inline constexpr size_t kMaxHandshakePacket = 2048;

// Where in a packet the challenges and digests stand.
inline constexpr size_t kChallengeAt = 1 + 8;
inline constexpr size_t kReplyChallengeAt = 1;
inline constexpr size_t kReplyDigestAt = 1 + 4;
inline constexpr size_t kAckDigestAt = 1;

struct PeerIdentity {
  std::string name;
  uint64_t flags = 0;  // as the peer wrote them, with the implied ones
  uint32_t creation = 0;
};

// The length of the packet whose header, of either size, begins at `header`.
size_t PacketLength(const uint8_t* header, size_t header_bytes);
std::vector<uint8_t> WithLength(std::span<const uint8_t> packet, size_t header_bytes);
// Whether what stands where a length was awaited is the beginning of a record of TLS.
bool LooksLikeTls(const uint8_t* header, size_t header_bytes);

Status ParseNamePacket(std::span<const uint8_t> packet, PeerIdentity* peer);
Status ParseChallengePacket(std::span<const uint8_t> packet, PeerIdentity* peer);
// Empty when the packet is no status.
std::string_view StatusText(std::span<const uint8_t> packet);
std::vector<uint8_t> StatusPacket(std::string_view text);
// ORs bits into a name or challenge packet. The digest covers cookie and challenge only, so that
// flags may change on the way out.
Status AddFlags(uint64_t flags, std::vector<uint8_t>* packet);
// The flags of a name or challenge packet.
uint64_t FlagsOf(std::span<const uint8_t> packet);

// Whether a node name is one of `-name` (its host has a dot or is an IPv6 address), not of
// `-sname`.
bool HasLongHost(std::string_view name);

}  // namespace beamlink
