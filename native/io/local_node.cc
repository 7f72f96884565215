#include "io/local_node.h"

#include <utility>

#include "dist/flags.h"
#include "io/pending.h"

namespace beamlink {
namespace {

// For so long a dial gives way to a call under the peer's name, which may be an impostor's.
constexpr uint32_t kYieldMs = 2000;

}  // namespace

LocalNode::LocalNode(const OpenNode& options, ReactorParts* parts)
    : options_(options),
      parts_(parts),
      cnode_status_(Cnode::Make(options.name, options.creation, &cnode_)),
      reader_(parts->atoms, options.max_depth),
      asks_(options.ask_before_accept),
      refusals_(parts->loop, parts->notices, options.node),
      questions_(parts->loop, {.asked =
                                   [this](uint32_t question, const Greeting& greeting) {
                                     parts_->notices->Asked({.node = options_.node,
                                                             .question = question,
                                                             .peer = greeting.peer.name,
                                                             .address = greeting.address,
                                                             .caller = greeting.caller});
                                   },
                               .allowed = [this](Greeting greeting) { Admit(std::move(greeting)); },
                               .given_up =
                                   [this](const Status& why, const Greeting& greeting) {
                                     refusals_.Tell(why, greeting.address, greeting.peer.name);
                                   }}) {}

LocalNode::~LocalNode() {
  const Status closed(StatusCode::kClosed, "the node was closed");
  listener_.reset();
  for (auto& [name, peer] : peers_) {
    for (const Accepting& accept : peer.accepts) {
      parts_->handshakes->Cancel(accept->handshake);
      parts_->accepts->erase(accept);
    }
    if (!peer.dial) continue;
    parts_->handshakes->Cancel(peer.dial->handshake);
    parts_->notices->DialFailed(peer.dial->command.channel, closed);
  }
  for (auto& [id, channel] : channels_) {
    parts_->routes->erase(id);
    parts_->meters->Remove(id);
    channel.connection->LastWords(closed);
  }
}

void LocalNode::SetPeerCookie(const std::string& peer, const std::string& cookie) {
  cookies_.insert_or_assign(peer, cookie);
}

const std::string& LocalNode::CookieFor(const std::string& peer) const {
  const auto found = cookies_.find(peer);
  return found == cookies_.end() ? options_.cookie : found->second;
}

uint64_t LocalNode::FlagsBeyondEi() const {
  return options_.hidden ? kFlagsBeyondEi : kFlagsBeyondEi | kFlagPublished;
}

void LocalNode::Listen(const beamlink::Listen& command) {
  uint16_t port = 0;
  Status status = cnode_status_;
  if (status.ok()) status = TheListener()->Listen(command.address, command.port, &port);
  if (!status.ok()) return parts_->notices->ListenFailed(options_.node, status);
  parts_->notices->Listening(options_.node, port);
}

Listener* LocalNode::TheListener() {
  if (listener_) return listener_.get();
  listener_ = std::make_unique<Listener>(
      parts_->loop, options_.handshake_timeout_ms,
      Listener::Events{
          .greeted = [this](Greeting greeting) { Greeted(std::move(greeting)); },
          .failed = [this](const Status& why,
                           const std::string& address) { refusals_.Tell(why, address, ""); }});
  return listener_.get();
}

void LocalNode::Accept(AcceptThrough* command) {
  const std::string& address = command->address;
  if (!cnode_status_.ok()) return refusals_.Tell(cnode_status_, address, "");
  TheListener()->Adopt(std::move(command->transport.fd), address, command->transport.header_bytes,
                       command->caller);
}

// ---- channels ----

void LocalNode::ChannelUp(const std::string& name, uint32_t id, HandshakeOutcome outcome,
                          bool incoming, const std::string& address) {
  const ChannelOptions options = {.id = id,
                                  .flags = outcome.flags,
                                  .max_frame_bytes = options_.max_frame_bytes,
                                  .max_queued_bytes = options_.max_queued_bytes,
                                  .tick_time_ms = options_.tick_time_ms,
                                  .max_atoms = options_.max_atoms,
                                  .max_frames_per_second = options_.max_frames_per_second};
  const ChannelTools tools = {&reader_, parts_->encoder, parts_->events, parts_->notices};
  auto connection =
      std::make_unique<Connection>(parts_->loop, parts_->direct_reads, std::move(outcome.fd),
                                   parts_->scratch, options, tools, this);
  parts_->notices->ChannelUp({.channel = id,
                              .node = options_.node,
                              .peer = name,
                              .flags = outcome.flags,
                              .creation = outcome.peer.creation,
                              .incoming = incoming,
                              .address = address,
                              .handshake_us = outcome.took_us});
  parts_->routes->emplace(id, connection.get());
  parts_->meters->Add(id, connection->meter());
  channels_.emplace(id, Channel{name, std::move(connection)});
  peers_[name].channel = id;
}

void LocalNode::ConnectionEnded(uint32_t id, const Status& why) {
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  parts_->routes->erase(id);
  parts_->meters->Remove(id);
  const Channel channel = std::move(found->second);
  channels_.erase(found);
  channel.connection->LastWords(why);
  if (Peer& peer = peers_[channel.peer]; peer.channel == id) peer.channel = 0;
  ForgetIfIdle(channel.peer);
}

void LocalNode::ForgetIfIdle(const std::string& name) {
  const auto found = peers_.find(name);
  if (found == peers_.end()) return;
  const Peer& peer = found->second;
  if (peer.channel == 0 && !peer.dial && peer.accepts.empty()) peers_.erase(found);
}

// ---- dials ----

Status LocalNode::CheckDial(const beamlink::Dial& command, const Peer& peer) const {
  if (!cnode_status_.ok()) return cnode_status_;
  if (peer.channel != 0) return {StatusCode::kSuperseded, command.peer + " is connected"};
  if (peer.dial) return {StatusCode::kRefused, command.peer + " is being dialled already"};
  if (command.peer == options_.name) {
    return {StatusCode::kRefused, command.peer + " is this node itself"};
  }
  if (HasLongHost(command.peer) != HasLongHost(options_.name)) {
    const bool ours_long = HasLongHost(options_.name);
    return {StatusCode::kNameLength,
            options_.name + " has a " + (ours_long ? "long" : "short") + " name and " +
                command.peer + " a " + (ours_long ? "short" : "long") +
                " one; a node with a short name (no dot in the host) does not dial one with a long "
                "name, nor the reverse"};
  }
  return Status::Ok();
}

void LocalNode::Dial(const beamlink::Dial& command, std::optional<Transport> transport) {
  const std::string& name = command.peer;
  Peer& peer = peers_[name];
  SocketAddress address;
  Status status = CheckDial(command, peer);
  if (status.ok() && !transport) status = ParseAddress(command.address, command.port, &address);
  if (!status.ok()) {
    parts_->notices->DialFailed(command.channel, status);
    return ForgetIfIdle(name);
  }
  peer.dial =
      std::make_unique<PendingDial>(PendingDial{.command = command,
                                                .address = address,
                                                .transport = std::move(transport),
                                                .deadline = Deadline::After(command.timeout_ms),
                                                .parked_until = nullptr});
  if (peer.accepts.empty()) {
    StartDial(name, peer.dial.get());
  } else {
    ParkDial(name, peer.dial.get());
  }
}

void LocalNode::StartDial(const std::string& name, PendingDial* dial) {
  dial->parked_until.reset();
  if (dial->transport && !dial->transport->fd.valid()) {
    return FailDial(name, {StatusCode::kRefused,
                           name + " preferred its own call to us, which did not come up"});
  }
  std::string cookie = CookieFor(name);
  HandshakeRequest request{.cnode = cnode_,
                           .cookie = cookie,
                           .script = MakeDialScript(FlagsBeyondEi(), std::move(cookie), name),
                           .deadline = dial->deadline,
                           .address = dial->address,
                           .fd = {},
                           .first_packet = {}};
  if (dial->transport) {
    // Of no further use once the peer has read our name from it.
    request.fd = std::move(dial->transport->fd);
    request.header_bytes = dial->transport->header_bytes;
  }
  dial->handshake = parts_->handshakes->Start(
      std::move(request),
      [this, name](HandshakeOutcome outcome) { DialDone(name, std::move(outcome)); });
}

void LocalNode::DialDone(const std::string& name, HandshakeOutcome outcome) {
  Peer& peer = peers_[name];
  if (outcome.status.code() == StatusCode::kSuperseded) return ParkDial(name, peer.dial.get());
  if (!outcome.status.ok()) return FailDial(name, outcome.status);
  const uint32_t channel = peer.dial->command.channel;
  const std::string address = peer.dial->command.address;
  peer.dial.reset();
  ChannelUp(name, channel, std::move(outcome), false, address);
  GiveUpAccepts(name);
}

void LocalNode::ParkDial(const std::string& name, PendingDial* dial) {
  parts_->handshakes->Cancel(dial->handshake);
  dial->handshake = 0;
  dial->has_yielded = true;
  const uint32_t remaining_ms = dial->deadline.RemainingMs();
  const bool is_last = remaining_ms <= kYieldMs;
  dial->parked_until = std::make_unique<Timer>(parts_->loop, [this, name, dial, is_last] {
    if (!is_last) return StartDial(name, dial);
    FailDial(name, {StatusCode::kRefused,
                    name + " preferred its own call to us, which did not come up in time"});
  });
  dial->parked_until->Start(is_last ? remaining_ms : kYieldMs);
}

void LocalNode::FailDial(const std::string& name, const Status& why) {
  Peer& peer = peers_[name];
  const std::unique_ptr<PendingDial> dial = std::move(peer.dial);
  parts_->notices->DialFailed(dial->command.channel, why);
  ForgetIfIdle(name);
}

bool LocalNode::GiveUpDial(uint32_t channel) {
  for (auto& [name, peer] : peers_) {
    if (!peer.dial || peer.dial->command.channel != channel) continue;
    parts_->handshakes->Cancel(peer.dial->handshake);
    FailDial(std::string(name), {StatusCode::kClosed, "closed on this side while dialling"});
    return true;
  }
  return false;
}

// ---- accepts ----

void LocalNode::Greeted(Greeting greeting) {
  if (asks_) return questions_.Ask(std::move(greeting));
  Admit(std::move(greeting));
}

void LocalNode::Answer(const beamlink::Answer& command) {
  questions_.Answer(command.question, command.allowed);
}

void LocalNode::Admit(Greeting greeting) {
  const std::string name = greeting.peer.name;
  const Peer& peer = peers_[name];
  const PeerSituation situation = {.channel_up = peer.channel != 0,
                                   .dialling = peer.dial && peer.dial->handshake != 0};
  switch (AnswerTo(options_.name, name, situation)) {
    case Encounter::kTurnAway:
      refusals_.Tell({StatusCode::kRefused, "it says the name of this node"}, greeting.address,
                     name);
      return ForgetIfIdle(name);
    case Encounter::kNok:
      return SendNok(greeting);
    case Encounter::kAlive:
      return StartAccept(std::move(greeting), AcceptAnswer::kAlive);
    case Encounter::kOkSimultaneous:
      if (!peer.dial->has_yielded) ParkDial(name, peer.dial.get());
      return StartAccept(std::move(greeting), AcceptAnswer::kOkSimultaneous);
    case Encounter::kOk:
      return StartAccept(std::move(greeting), AcceptAnswer::kOk);
  }
}

// A few bytes on a fresh connection: if they do not fit, closing says as much.
void LocalNode::SendNok(const Greeting& greeting) {
  const Packet nok = WithLength(StatusPacket("nok"), greeting.header_bytes);
  (void)::send(greeting.fd.get(), nok.data(), nok.size(), MSG_NOSIGNAL);
}

void LocalNode::StartAccept(Greeting greeting, AcceptAnswer answer) {
  const std::string name = greeting.peer.name;
  PendingAccepts& accepts = *parts_->accepts;
  if (accepts.size() == kMaxPending) {
    const auto address_of = [](const PendingAccept& accept) -> const std::string& {
      return accept.address;
    };
    const Accepting oldest = OldestOfMost(accepts, address_of);
    oldest->node->GiveUp(
        oldest, {StatusCode::kRefused, "given up for newer ones: too many handshakes are pending"});
  }
  const Accepting accept = accepts.insert(accepts.end(), {this, name, greeting.address, 0});
  peers_[name].accepts.push_back(accept);
  std::string cookie = CookieFor(name);
  HandshakeRequest request{
      .cnode = cnode_,
      .cookie = cookie,
      .script = MakeAcceptScript(FlagsBeyondEi(), std::move(cookie), greeting.peer, answer),
      .deadline = greeting.deadline,
      .address = {},
      .fd = std::move(greeting.fd),
      .first_packet = std::move(greeting.packet),
      .header_bytes = greeting.header_bytes};
  accept->handshake = parts_->handshakes->Start(
      std::move(request),
      [this, accept](HandshakeOutcome outcome) { AcceptDone(accept, std::move(outcome)); });
}

void LocalNode::AcceptDone(Accepting accept, HandshakeOutcome outcome) {
  const PendingAccept done = Forget(accept);
  const std::string& name = done.peer;
  if (!outcome.status.ok()) {
    refusals_.Tell(outcome.status, done.address, name);
    return GoOnDialling(name);
  }
  if (const uint32_t channel = peers_[name].channel; channel != 0) {
    ConnectionEnded(channel, {StatusCode::kNoConnection, name + " has connected anew"});
  }
  ChannelUp(name, parts_->next_id(), std::move(outcome), true, done.address);
  GiveUpAccepts(name);
  if (!peers_[name].dial) return;
  parts_->handshakes->Cancel(peers_[name].dial->handshake);
  FailDial(name, {StatusCode::kSuperseded, name + " has called us first"});
}

PendingAccept LocalNode::Forget(Accepting accept) {
  peers_[accept->peer].accepts.remove(accept);
  PendingAccept forgotten = std::move(*accept);
  parts_->accepts->erase(accept);
  return forgotten;
}

void LocalNode::GiveUp(Accepting accept, const Status& why) {
  const PendingAccept given_up = Forget(accept);
  parts_->handshakes->Cancel(given_up.handshake);
  refusals_.Tell(why, given_up.address, given_up.peer);
  GoOnDialling(given_up.peer);
}

// A channel to that peer has come up: whoever else calls under its name has not proved anything.
void LocalNode::GiveUpAccepts(const std::string& name) {
  std::list<Accepting>& accepts = peers_[name].accepts;
  while (!accepts.empty()) {
    const PendingAccept given_up = Forget(accepts.front());
    parts_->handshakes->Cancel(given_up.handshake);
    refusals_.Tell({StatusCode::kRefused, "another connection with that name was quicker"},
                   given_up.address, name);
  }
}

// A call came to nothing: a dial that gave way to it goes on.
void LocalNode::GoOnDialling(const std::string& name) {
  const Peer& peer = peers_[name];
  if (peer.dial && peer.dial->handshake == 0 && peer.accepts.empty()) {
    StartDial(name, peer.dial.get());
  }
  ForgetIfIdle(name);
}

}  // namespace beamlink
