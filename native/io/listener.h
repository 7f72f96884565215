// A listening socket, and the connections, on it or brought by others, whose peers have not said
// their name yet.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/deadline.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "io/handshake_packet.h"
#include "io/handshake_script.h"
#include "io/socket.h"
#include "io/uv_handle.h"

namespace beamlink {

// A connection from which one whole name packet has come.
struct Greeting {
  UniqueFd fd;
  std::string address;
  Packet packet;
  PeerIdentity peer;
  Deadline deadline;    // of the whole handshake
  size_t header_bytes;  // of its packets
  uint32_t caller;      // as Adopt was given it; 0 for one that came to the listening socket
};

class Caller;

//   thread: the reactor
class Listener {
 public:
  struct Events {
    std::function<void(Greeting)> greeted;
    // A connection that went wrong before it was greeted.
    std::function<void(const Status& why, const std::string& address)> failed;
  };

  Listener(uv_loop_t* loop, uint32_t handshake_timeout_ms, Events events);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  // Port 0 takes a free one. `*bound` is the port.
  Status Listen(const std::string& address, uint16_t port, uint16_t* bound);
  // A connection that was not made on the listening socket. There need not be one.
  void Adopt(UniqueFd fd, std::string address, size_t header_bytes, uint32_t caller);

 private:
  void DropOldest();
  void Accept();
  bool AcceptOne();
  void OnReadable(Caller* caller);
  void Drop(Caller* caller, const Status& why);

  uv_loop_t* const loop_;
  const uint32_t handshake_timeout_ms_;
  const Events events_;
  UniqueFd fd_;  // outlives poll_
  std::unique_ptr<Poll> poll_;
  Timer retry_;                                 // when the process was out of descriptors
  std::list<std::unique_ptr<Caller>> callers_;  // oldest first
};

}  // namespace beamlink
