#include "io/challenge.h"

#include <algorithm>
#include <utility>
#include <uv.h>

#include "base/big_endian.h"
#include "io/socket.h"

// libei has MD5 for this very purpose and does not show it in ei.h. As in its
// erl_interface/src/misc/eimd5.h, the same from OTP 23 to 29; the tests hold it to RFC 1321.
extern "C" {
struct EiMd5Context {
  unsigned state[4];
  unsigned count[2];
  unsigned char buffer[64];
};
// NOLINTBEGIN(readability-identifier-naming): the names are ei's
void ei_MD5Init(EiMd5Context* context);
void ei_MD5Update(EiMd5Context* context, unsigned char* bytes, unsigned count);
void ei_MD5Final(unsigned char digest[16], EiMd5Context* context);
// NOLINTEND(readability-identifier-naming)
}

namespace beamlink {
namespace {

void Update(EiMd5Context* context, std::string_view text) {
  // ei reads them only.
  auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  ei_MD5Update(context, bytes, static_cast<unsigned>(text.size()));
}

}  // namespace

Digest DigestOf(std::string_view cookie, uint32_t challenge) {
  Digest digest;
  EiMd5Context context;
  ei_MD5Init(&context);
  Update(&context, cookie);
  Update(&context, std::to_string(challenge));
  ei_MD5Final(digest.data(), &context);
  return digest;
}

bool IsSame(std::span<const uint8_t> digest, const Digest& expected) {
  if (digest.size() != expected.size()) return false;
  // Volatile, so that no compiler ends the loop at the first difference.
  volatile uint8_t differences = 0;
  for (size_t i = 0; i < expected.size(); i++)
    differences = differences | static_cast<uint8_t>(digest[i] ^ expected[i]);
  return differences == 0;
}

Status OwnChallenge::Replace(std::vector<uint8_t>* packet, size_t at) {
  if (packet->size() < at + sizeof(uint32_t)) {
    return {StatusCode::kUnsupported,
            "ei wrote another handshake packet than one with a challenge"};
  }
  of_ei_ = LoadU32(packet->data() + at);
  if (const int error = uv_random(nullptr, nullptr, &ours_, sizeof(ours_), 0, nullptr);
      error != 0) {
    return {StatusCode::kUnsupported, "no random numbers to be had: " + ErrorText(-error)};
  }
  StoreU32(packet->data() + at, ours_);
  return Status::Ok();
}

Status OwnChallenge::Check(std::vector<uint8_t>* packet, size_t at) const {
  if (packet->size() != at + kDigestBytes) {
    return {StatusCode::kMalformed, "what should prove the peer's cookie is no digest"};
  }
  const auto digest = std::span(*packet).subspan(at);
  if (!IsSame(digest, DigestOf(cookie_, ours_))) return {StatusCode::kAuth, "another cookie"};
  const Digest awaited = DigestOf(cookie_, of_ei_);
  std::copy(awaited.begin(), awaited.end(), digest.begin());
  return Status::Ok();
}

}  // namespace beamlink
