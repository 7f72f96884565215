#include "io/first_packet.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>
#include <utility>

#include "io/socket.h"

namespace beamlink {
namespace {

Status Broken(int error) {
  return {StatusCode::kNoConnection, "broke before it said its name: " + ErrorText(error)};
}

}  // namespace

Status FirstPacket::ReadOn(int fd, bool* whole) {
  *whole = false;
  while (!*whole) {
    const size_t filled = bytes_.size();
    const size_t wanted = Wanted();
    if (wanted > kMaxHandshakePacket) return NoHandshake();
    bytes_.resize(wanted);
    const ssize_t got = ::read(fd, bytes_.data() + filled, wanted - filled);
    const int error = got < 0 ? errno : 0;
    bytes_.resize(filled + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return {StatusCode::kNoConnection, "closed before it said its name"};
    if (got < 0) return error == EAGAIN || error == EINTR ? Status::Ok() : Broken(error);
    *whole = bytes_.size() > header_bytes_ && bytes_.size() == Wanted();
  }
  return Status::Ok();
}

Packet FirstPacket::TakeContent() {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(header_bytes_));
  return std::move(bytes_);
}

size_t FirstPacket::Wanted() const {
  if (bytes_.size() < header_bytes_) return header_bytes_;
  // An empty packet is refused with the one byte that would follow it.
  return header_bytes_ + std::max<size_t>(PacketLength(bytes_.data(), header_bytes_), 1);
}

Status FirstPacket::NoHandshake() const {
  if (LooksLikeTls(bytes_.data(), header_bytes_)) {
    return {StatusCode::kMalformed, "it speaks TLS and this node does not"};
  }
  return {StatusCode::kMalformed, "the first packet is no handshake"};
}

}  // namespace beamlink
