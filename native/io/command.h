// Commands: what descends from JavaScript to the reactor. Each owns all it refers to, save the
// shared byte arrays of a frame, which JavaScript keeps alive until their ticket is released.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/owned_bytes.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace beamlink {

struct OpenNode {
  uint32_t node;
  std::string name;
  std::string cookie;
  uint32_t creation;
  bool hidden;
  uint32_t tick_time_ms;
  uint32_t handshake_timeout_ms;
  uint32_t max_frame_bytes;
  uint32_t max_depth;
  uint64_t max_queued_bytes;  // UINT64_MAX: never pause
  uint32_t max_atoms = UINT32_MAX;
  uint64_t max_frames_per_second = UINT64_MAX;
  bool ask_before_accept = false;  // as AskBeforeAccept
};

// Whether JavaScript is asked about each incoming connection, once that has given its name.
struct AskBeforeAccept {
  uint32_t node;
  bool ask;
};

struct Answer {
  uint32_t node;
  uint32_t question;
  bool allowed;
};

struct SetCookie {
  uint32_t node;
  std::string peer;
  std::string cookie;
};

struct Listen {
  uint32_t node;
  std::string address;
  uint16_t port;
};

struct Dial {
  uint32_t node;
  uint32_t channel;
  std::string address;
  uint16_t port;
  std::string peer;
  uint32_t timeout_ms;
};

// A connection that JavaScript carries: our end of a socketpair, whose other end it has.
struct Transport {
  UniqueFd fd;
  // How the packets of the handshake are framed on it (io/handshake_packet.h).
  size_t header_bytes = 0;
};

// As Dial, over a connection to that address which is there already. The port is not used.
struct DialThrough {
  Dial dial;
  Transport transport;
};

// A connection from that address, as if the node's listener had accepted it.
struct AcceptThrough {
  uint32_t node;
  std::string address;
  Transport transport;
  uint32_t caller;  // JavaScript's number for it, which comes back with the question about it
};

// Frames in the order in which they are to be sent, each as an encode tape (etf/tape.h): operation
// number, fields, payload if the operation has one. `tape` holds the ops of all, then the text
// region of all. Only a frame that comes alone has a ticket.
struct SendFrames {
  struct Frame {
    uint32_t channel;
    uint32_t start;  // the word at which its tape begins
    double cost;
  };

  std::vector<Frame> frames;
  OwnedBytes tape;
  uint32_t ops_words;
  uint32_t ticket;
  std::vector<std::span<const uint8_t>> shared;
};

struct Credit {
  uint32_t channel;
  uint64_t bytes;
};

struct SetUrgent {
  uint32_t channel;
  bool urgent;
};

struct Drain {
  uint32_t channel;
  double below;
};

struct CloseChannel {
  uint32_t channel;
};

// From JavaScript's thread when it has written or read in the reactor's place: the socket is the
// reactor's again, or the channel has come to its end.
struct WatchChannel {
  uint32_t channel;
};

struct EndChannel {
  uint32_t channel;
  Status why;
};

struct CloseNode {
  uint32_t node;
};

// Has the table of the atoms in events begin anew; answered by the event that says so.
struct RenewAtoms {};

using Command = std::variant<OpenNode, AskBeforeAccept, Answer, SetCookie, Listen, Dial,
                             DialThrough, AcceptThrough, SendFrames, Credit, SetUrgent, Drain,
                             CloseChannel, WatchChannel, EndChannel, CloseNode, RenewAtoms>;

}  // namespace beamlink
