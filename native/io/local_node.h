// One of our nodes: its channels, its listener, and the handshakes with each peer.
//
// With one peer there are at most one channel and one dial at a time, and any number of accepts:
// anybody can say a name, so that the first who proves the cookie has it, and the others are given
// up then. A dial is parked while the peer's own call to us takes precedence (encounter.h): when
// that comes up the dial has been superseded. When it fails the dial starts again, and at the
// latest after kYieldMs; then it gives way no more, since whoever calls under that name need not be
// the peer.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "dist/control.h"
#include "dist/notices.h"
#include "io/cnode.h"
#include "io/command.h"
#include "io/connection.h"
#include "io/encounter.h"
#include "io/handshake.h"
#include "io/listener.h"
#include "io/meters.h"
#include "io/questions.h"
#include "io/refusals.h"

namespace beamlink {

class LocalNode;

// An incoming connection in its handshake.
struct PendingAccept {
  LocalNode* node;
  std::string peer;
  std::string address;
  uint64_t handshake;
};
using PendingAccepts = std::list<PendingAccept>;

// What the nodes of one reactor share; outlives them.
struct ReactorParts {
  uv_loop_t* loop;
  EventQueue* events;
  AtomTable* atoms;
  Notices* notices;
  TapeEncoder* encoder;
  HandshakePool* handshakes;
  DirectReads* direct_reads;
  std::span<uint8_t> scratch;
  std::function<uint32_t()> next_id;
  // Channels that are up, of all nodes.
  std::unordered_map<uint32_t, Connection*>* routes;
  Meters* meters;
  // Of all nodes, oldest first: they share the threads of `handshakes`.
  PendingAccepts* accepts;
};

//   thread: the reactor
class LocalNode final : public ConnectionOwner {
 public:
  LocalNode(const OpenNode& options, ReactorParts* parts);
  LocalNode(const LocalNode&) = delete;
  LocalNode& operator=(const LocalNode&) = delete;
  // Closes everything at once and tells each channel and dial so.
  ~LocalNode();

  void AskBeforeAccept(bool ask) { asks_ = ask; }
  void Answer(const beamlink::Answer& command);
  void SetPeerCookie(const std::string& peer, const std::string& cookie);
  void Listen(const beamlink::Listen& command);
  // To the command's address, unless there is a transport.
  void Dial(const beamlink::Dial& command, std::optional<Transport> transport = {});
  // Takes what it brings.
  void Accept(AcceptThrough* command);
  // False if the channel is no dial of this node that is under way.
  bool GiveUpDial(uint32_t channel);

  void ConnectionEnded(uint32_t channel, const Status& why) override;

 private:
  struct PendingDial {
    beamlink::Dial command;
    SocketAddress address;  // unless it goes through a transport
    std::optional<Transport> transport;
    Deadline deadline;
    uint64_t handshake = 0;  // 0: parked
    bool has_yielded = false;
    std::unique_ptr<Timer> parked_until;
  };
  using Accepting = PendingAccepts::iterator;
  struct Peer {
    uint32_t channel = 0;  // 0: none is up
    std::unique_ptr<PendingDial> dial;
    std::list<Accepting> accepts;
  };

  const std::string& CookieFor(const std::string& peer) const;
  uint64_t FlagsBeyondEi() const;
  Status CheckDial(const beamlink::Dial& command, const Peer& peer) const;

  void StartDial(const std::string& name, PendingDial* dial);
  void DialDone(const std::string& name, HandshakeOutcome outcome);
  void ParkDial(const std::string& name, PendingDial* dial);
  void FailDial(const std::string& name, const Status& why);

  Listener* TheListener();
  void Greeted(Greeting greeting);
  void Admit(Greeting greeting);
  void SendNok(const Greeting& greeting);
  void StartAccept(Greeting greeting, AcceptAnswer answer);
  void AcceptDone(Accepting accept, HandshakeOutcome outcome);
  PendingAccept Forget(Accepting accept);
  void GiveUp(Accepting accept, const Status& why);
  void GiveUpAccepts(const std::string& name);
  void GoOnDialling(const std::string& name);

  void ChannelUp(const std::string& name, uint32_t channel, HandshakeOutcome outcome, bool incoming,
                 const std::string& address);
  void ForgetIfIdle(const std::string& name);

  const OpenNode options_;
  ReactorParts* const parts_;
  Cnode cnode_;
  Status cnode_status_;
  ControlReader reader_;
  std::map<std::string, std::string> cookies_;
  std::unique_ptr<Listener> listener_;
  std::map<std::string, Peer> peers_;
  bool asks_;
  Refusals refusals_;
  Questions questions_;
  struct Channel {
    std::string peer;
    std::unique_ptr<Connection> connection;
  };
  std::unordered_map<uint32_t, Channel> channels_;
};

}  // namespace beamlink
