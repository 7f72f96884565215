// The challenges of a handshake, and the digests that prove the cookie.
//
//   digest := MD5(cookie ++ challenge in decimal)
//   source: erts, "Distribution Protocol", Distribution Handshake
//
// ei hashes its challenges from the time, the pid and the name of the machine: whoever guesses one
// before it is sent may have had the answer made elsewhere. So none of ei's leaves this process: a
// number from the system's source of randomness stands in its place, and what the peer answers is
// checked against that, then exchanged for what ei awaits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace beamlink {

inline constexpr size_t kDigestBytes = 16;
using Digest = std::array<uint8_t, kDigestBytes>;

Digest DigestOf(std::string_view cookie, uint32_t challenge);
// Takes as long whichever bytes differ.
bool IsSame(std::span<const uint8_t> digest, const Digest& expected);

//   thread: the one that runs the handshake
class OwnChallenge {
 public:
  explicit OwnChallenge(std::string cookie) : cookie_(std::move(cookie)) {}

  // Puts a challenge of ours in the place of ei's, which begins at byte `at` of the packet.
  //   errors: kUnsupported when there is no randomness, or ei wrote another packet
  Status Replace(std::vector<uint8_t>* packet, size_t at);
  // Checks the peer's digest, which is the end of the packet and begins at byte `at`. If it is
  // right the one that ei awaits takes its place.
  //   errors: kMalformed for a packet of another length, kAuth for another cookie
  Status Check(std::vector<uint8_t>* packet, size_t at) const;

 private:
  const std::string cookie_;
  uint32_t of_ei_ = 0;
  uint32_t ours_ = 0;
};

}  // namespace beamlink
