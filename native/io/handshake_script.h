// Our part in a handshake that ei leads: every packet passes through a script, which may read it,
// change it, or settle with the peer what ei does not know (alive, nok, ok_simultaneous).
//
// Challenges are ours (challenge.h). The handshake proves the cookie and no more; who must not
// trust the network needs TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "io/challenge.h"
#include "io/handshake_packet.h"

namespace beamlink {

using Packet = std::vector<uint8_t>;

// Where a script can read and write packets of its own.
class PacketPort {
 public:
  virtual Status ReadPacket(Packet* packet) = 0;
  virtual Status WritePacket(std::span<const uint8_t> packet) = 0;

 protected:
  ~PacketPort() = default;
};

class HandshakeScript {
 public:
  virtual ~HandshakeScript() = default;
  // A packet that ei writes. An empty one is not sent.
  virtual Status Outgoing(PacketPort* port, Packet* packet) = 0;
  // A packet that the peer sent, before ei sees it.
  virtual Status Incoming(PacketPort* port, Packet* packet) = 0;
  // Why the handshake failed, in words for people: `failure` is what the transport or the script
  // met, or ok when it was ei that refused a packet.
  virtual Status Explain(const Status& failure) const = 0;

  const PeerIdentity& peer() const { return peer_; }
  uint64_t negotiated_flags() const { return our_flags_ & peer_.flags; }

 protected:
  HandshakeScript(uint64_t flags_beyond_ei, std::string cookie)
      : challenge_(std::move(cookie)), flags_beyond_ei_(flags_beyond_ei) {}

  Status Advertise(Packet* packet);

  PeerIdentity peer_;
  OwnChallenge challenge_;

 private:
  const uint64_t flags_beyond_ei_;
  uint64_t our_flags_ = 0;
};

// We dial `peer_name`. kSuperseded when the peer answers nok: its own dial to us wins.
std::unique_ptr<HandshakeScript> MakeDialScript(uint64_t flags_beyond_ei, std::string cookie,
                                                std::string peer_name);

// What an incoming connection is answered (distribution.md section 2).
enum class AcceptAnswer { kOk, kOkSimultaneous, kAlive };

// A peer that gave its name dials us.
std::unique_ptr<HandshakeScript> MakeAcceptScript(uint64_t flags_beyond_ei, std::string cookie,
                                                  PeerIdentity peer, AcceptAnswer answer);

}  // namespace beamlink
