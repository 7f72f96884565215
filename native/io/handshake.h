// Handshakes on threads of their own, because ei_connect and ei_accept block.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/mailbox.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "io/cnode.h"
#include "io/ei_socket.h"
#include "io/handshake_script.h"

namespace beamlink {

struct HandshakeRequest {
  Cnode cnode;
  std::string cookie;
  std::unique_ptr<HandshakeScript> script;
  Deadline deadline;
  // A dial has an address or a connection, an accept a connection and the packet that was read from
  // it.
  SocketAddress address;
  UniqueFd fd;
  Packet first_packet;
  size_t header_bytes = kHandshakeHeaderBytes;
};

struct HandshakeOutcome {
  Status status;
  UniqueFd fd;  // the next byte on it belongs to the channel
  PeerIdentity peer;
  uint64_t flags = 0;    // negotiated
  uint64_t took_us = 0;  // from Start on
};

// One handshake, here and now: blocks until it is done, cancelled or out of time.   thread: any
HandshakeOutcome Shake(HandshakeRequest* request, const Cancellation* cancellation);

// A bounded set of threads for dials and one for accepts. What does not fit waits in line, its
// deadline running.
//   thread: the reactor's, save `wake`
class HandshakePool {
 public:
  using Done = std::function<void(HandshakeOutcome)>;

  // `wake` is called on any thread when Reap has something to do.
  explicit HandshakePool(std::function<void()> wake);
  HandshakePool(const HandshakePool&) = delete;
  HandshakePool& operator=(const HandshakePool&) = delete;
  // Cancels and joins all; nobody is told.
  ~HandshakePool();

  // Returns the handshake's id. `done` is called by Reap, and not within Start.
  uint64_t Start(HandshakeRequest request, Done done);
  // Ends a handshake; `done` will not be called. Nothing happens for an id that has been reaped.
  void Cancel(uint64_t id);
  // Collects what has ended.
  void Reap();

 private:
  class Thread;
  struct Waiting {
    uint64_t id;
    HandshakeRequest request;
    Done done;
    uint64_t started_ns;
  };
  struct Finished {
    uint64_t id;
    HandshakeOutcome outcome;
  };

  // Dials have one, accepts another: those that get no answer hold up none of the other kind.
  struct Line {
    size_t max_threads;
    size_t threads = 0;
    std::deque<Waiting> waiting = {};
  };

  void Run(Line* line, Waiting waiting);
  void StartWaiting(Line* line);

  Mailbox<Finished> finished_;
  std::vector<Finished> reaped_;
  Line dials_;
  Line accepts_;
  std::map<uint64_t, std::unique_ptr<Thread>> running_;
  uint64_t last_id_ = 0;
};

}  // namespace beamlink
