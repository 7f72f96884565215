// The first packet of an incoming connection, which the reactor reads piece by piece.
#pragma once

#include <cstddef>

#include "base/status.h"
#include "io/handshake_script.h"

namespace beamlink {

class FirstPacket {
 public:
  // `header_bytes` is how packets are framed on the connection (handshake_packet.h).
  explicit FirstPacket(size_t header_bytes) : header_bytes_(header_bytes) {}

  // Reads what has come on a descriptor that does not block, and no further than the packet.
  // `*whole` tells whether it is there.
  //   errors: kMalformed for what is no handshake, kNoConnection when the connection ends
  Status ReadOn(int fd, bool* whole);
  // The packet, without its length.
  //   requires: it is whole
  Packet TakeContent();
  size_t header_bytes() const { return header_bytes_; }

 private:
  size_t Wanted() const;
  Status NoHandshake() const;

  const size_t header_bytes_;
  Packet bytes_;
};

}  // namespace beamlink
