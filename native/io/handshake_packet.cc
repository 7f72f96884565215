#include "io/handshake_packet.h"

#include <algorithm>

#include "base/big_endian.h"
#include "base/utf8.h"
#include "dist/flags.h"
#include "etf/tags.h"

namespace beamlink {
namespace {

constexpr size_t kFlagsAt = 1;
constexpr size_t kFlagsEnd = kFlagsAt + 8;

uint64_t LoadU64(const uint8_t* at) {
  return uint64_t{LoadU32(at)} << 32 | LoadU32(at + 4);
}

Status NoHandshake(const char* what) {
  return {StatusCode::kMalformed, std::string("the peer does not speak the handshake of OTP 23 and "
                                              "later: ") +
                                      what};
}

Status CheckName(const PeerIdentity& peer) {
  if ((peer.flags & kFlagNameMe) != 0) {
    return {StatusCode::kUnsupported,
            "the peer wants to be given a name (-sname undefined), which "
            "is not done here"};
  }
  const ptrdiff_t length = Utf8Length(peer.name);
  const size_t at = peer.name.find('@');
  if (length < 0 || length > kMaxAtomCharacters || at == std::string::npos || at == 0 ||
      at + 1 == peer.name.size()) {
    return NoHandshake("what it calls its name is no node name");
  }
  return Status::Ok();
}

// `creation_at` is where the creation stands; length and name follow it.
Status ParseIdentity(std::span<const uint8_t> packet, size_t creation_at, PeerIdentity* peer) {
  const size_t name_at = creation_at + 4 + 2;
  if (packet.empty() || packet[0] != 'N') return NoHandshake("its packet does not begin with N");
  if (packet.size() < name_at) return NoHandshake("its packet is too short");
  const size_t length = LoadU16(packet.data() + creation_at + 4);
  if (packet.size() - name_at < length) return NoHandshake("its name is cut off");
  peer->flags = ImpliedFlags(FlagsOf(packet));
  peer->creation = LoadU32(packet.data() + creation_at);
  peer->name.assign(reinterpret_cast<const char*>(packet.data()) + name_at, length);
  if ((peer->flags & kFlagHandshake23) == 0) return NoHandshake("it lacks the flag HANDSHAKE_23");
  return CheckName(*peer);
}

}  // namespace

size_t PacketLength(const uint8_t* header, size_t header_bytes) {
  return header_bytes == kHandshakeHeaderBytes ? LoadU16(header) : LoadU32(header);
}

std::vector<uint8_t> WithLength(std::span<const uint8_t> packet, size_t header_bytes) {
  std::vector<uint8_t> framed(header_bytes + packet.size());
  const auto length = static_cast<uint32_t>(packet.size());
  if (header_bytes == kHandshakeHeaderBytes) {
    framed[0] = static_cast<uint8_t>(length >> 8);
    framed[1] = static_cast<uint8_t>(length);
  } else {
    StoreU32(framed.data(), length);
  }
  std::copy(packet.begin(), packet.end(), framed.begin() + static_cast<ptrdiff_t>(header_bytes));
  return framed;
}

// record := type:8 (alert 21, handshake 22) major version:8 (3) …   source: RFC 8446, 5.1
bool LooksLikeTls(const uint8_t* header, size_t header_bytes) {
  return header_bytes == kHandshakeHeaderBytes && (header[0] == 21 || header[0] == 22) &&
         header[1] == 3;
}

Status ParseNamePacket(std::span<const uint8_t> packet, PeerIdentity* peer) {
  return ParseIdentity(packet, kFlagsEnd, peer);
}

Status ParseChallengePacket(std::span<const uint8_t> packet, PeerIdentity* peer) {
  return ParseIdentity(packet, kFlagsEnd + 4, peer);
}

std::string_view StatusText(std::span<const uint8_t> packet) {
  if (packet.empty() || packet[0] != 's') return {};
  return {reinterpret_cast<const char*>(packet.data()) + 1, packet.size() - 1};
}

std::vector<uint8_t> StatusPacket(std::string_view text) {
  std::vector<uint8_t> packet(1 + text.size(), 's');
  std::copy(text.begin(), text.end(), packet.begin() + 1);
  return packet;
}

Status AddFlags(uint64_t flags, std::vector<uint8_t>* packet) {
  if (packet->size() < kFlagsEnd || (*packet)[0] != 'N') {
    return {StatusCode::kUnsupported, "ei wrote another handshake packet than N"};
  }
  const uint64_t all = FlagsOf(*packet) | flags;
  StoreU32(packet->data() + kFlagsAt, static_cast<uint32_t>(all >> 32));
  StoreU32(packet->data() + kFlagsAt + 4, static_cast<uint32_t>(all));
  return Status::Ok();
}

uint64_t FlagsOf(std::span<const uint8_t> packet) {
  return packet.size() < kFlagsEnd ? 0 : LoadU64(packet.data() + kFlagsAt);
}

bool HasLongHost(std::string_view name) {
  const size_t at = name.find('@');
  return at != std::string_view::npos && name.find_first_of(".:", at) != std::string_view::npos;
}

}  // namespace beamlink
