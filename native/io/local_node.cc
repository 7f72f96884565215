#include "io/local_node.h"

#include <utility>

#include "dist/flags.h"
#include "io/pending.h"

namespace beamlink {
namespace {

constexpr uint64_t kRefusalPeriodMs = 1000;
constexpr uint32_t kMaxRefusals = 100;

}  // namespace

LocalNode::LocalNode(const OpenNode& options, ReactorParts* parts)
    : options_(options),
      parts_(parts),
      cnode_status_(Cnode::Make(options.name, options.creation, &cnode_)),
      reader_(parts->atoms, options.max_depth) {}

LocalNode::~LocalNode() {
  const Status closed(StatusCode::kClosed, "the node was closed");
  listener_.reset();
  for (auto& [name, peer] : peers_) {
    if (peer.accept) parts_->handshakes->Cancel(peer.accept->handshake);
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
      Listener::Events{.greeted = [this](Greeting greeting) { Greeted(std::move(greeting)); },
                       .failed = [this](const Status& why,
                                        const std::string& address) { Refuse(why, address, ""); }});
  return listener_.get();
}

void LocalNode::Accept(Transport transport, const std::string& address) {
  if (!cnode_status_.ok()) return Refuse(cnode_status_, address, "");
  TheListener()->Adopt(std::move(transport.fd), address, transport.header_bytes);
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
  if (peer.channel == 0 && !peer.dial && !peer.accept) peers_.erase(found);
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
  peer.dial = std::make_unique<PendingDial>(PendingDial{
      command, address, std::move(transport), Deadline::After(command.timeout_ms), 0, nullptr});
  if (peer.accept) {
    ParkDial(name, peer.dial.get());
  } else {
    StartDial(name, peer.dial.get());
  }
}

void LocalNode::StartDial(const std::string& name, PendingDial* dial) {
  dial->parked_until.reset();
  if (dial->transport && !dial->transport->fd.valid()) {
    return FailDial(name, {StatusCode::kRefused,
                           name + " preferred its own call to us, which did not come up"});
  }
  HandshakeRequest request{.cnode = cnode_,
                           .cookie = CookieFor(name),
                           .script = MakeDialScript(FlagsBeyondEi(), name),
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
}

void LocalNode::ParkDial(const std::string& name, PendingDial* dial) {
  parts_->handshakes->Cancel(dial->handshake);
  dial->handshake = 0;
  dial->parked_until = std::make_unique<Timer>(parts_->loop, [this, name] {
    FailDial(name, {StatusCode::kRefused,
                    name + " preferred its own call to us, which did not come up in time"});
  });
  dial->parked_until->Start(dial->deadline.RemainingMs());
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

// Nobody gives credit for refusals, and strangers make them: what is too much is only counted.
void LocalNode::Refuse(const Status& why, const std::string& address, const std::string& peer) {
  const uint64_t now = uv_now(parts_->loop);
  if (now - refusals_since_ms_ >= kRefusalPeriodMs) {
    refusals_since_ms_ = now;
    refusals_told_ = 0;
  }
  if (refusals_told_ == kMaxRefusals) {
    refusals_untold_++;
    return;
  }
  refusals_told_++;
  const uint32_t untold = std::exchange(refusals_untold_, 0);
  const std::string more =
      untold == 0 ? "" : " (and " + std::to_string(untold) + " more before, not told one by one)";
  parts_->notices->Refused({.node = options_.node,
                            .why = {why.code(), why.message() + more},
                            .address = address,
                            .peer = peer});
}

void LocalNode::Greeted(Greeting greeting) {
  const std::string name = greeting.peer.name;
  Peer& peer = peers_[name];
  const PeerSituation situation = {.channel_up = peer.channel != 0,
                                   .accepting = peer.accept != nullptr,
                                   .dialling = peer.dial && peer.dial->handshake != 0};
  switch (AnswerTo(options_.name, name, situation)) {
    case Encounter::kTurnAway:
      Refuse({StatusCode::kRefused, "an earlier call under this name is under way"},
             greeting.address, name);
      return ForgetIfIdle(name);
    case Encounter::kNok:
      return SendNok(greeting);
    case Encounter::kAlive:
      return StartAccept(std::move(greeting), AcceptAnswer::kAlive);
    case Encounter::kOkSimultaneous:
      ParkDial(name, peer.dial.get());
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
  if (accept_order_.size() == kMaxPending) DropOldestAccept();
  HandshakeRequest request{.cnode = cnode_,
                           .cookie = CookieFor(name),
                           .script = MakeAcceptScript(FlagsBeyondEi(), greeting.peer, answer),
                           .deadline = greeting.deadline,
                           .address = {},
                           .fd = std::move(greeting.fd),
                           .first_packet = std::move(greeting.packet),
                           .header_bytes = greeting.header_bytes};
  const uint64_t handshake = parts_->handshakes->Start(
      std::move(request),
      [this, name](HandshakeOutcome outcome) { AcceptDone(name, std::move(outcome)); });
  accept_order_.push_back(name);
  peers_[name].accept = std::make_unique<PendingAccept>(
      PendingAccept{handshake, greeting.address, std::prev(accept_order_.end())});
}

void LocalNode::AcceptDone(const std::string& name, HandshakeOutcome outcome) {
  Peer& peer = peers_[name];
  const std::string address = peer.accept->address;
  if (!outcome.status.ok()) {
    Refuse(outcome.status, address, name);
    return EndAccept(name);
  }
  accept_order_.erase(peer.accept->order);
  peer.accept.reset();
  if (peer.channel != 0) {
    ConnectionEnded(peer.channel, {StatusCode::kNoConnection, name + " has connected anew"});
  }
  ChannelUp(name, parts_->next_id(), std::move(outcome), true, address);
  if (!peers_[name].dial) return;
  parts_->handshakes->Cancel(peers_[name].dial->handshake);
  FailDial(name, {StatusCode::kSuperseded, name + " has called us first"});
}

// An accept came to nothing: a dial that gave way to it goes on.
void LocalNode::EndAccept(const std::string& name) {
  Peer& peer = peers_[name];
  accept_order_.erase(peer.accept->order);
  peer.accept.reset();
  if (peer.dial && peer.dial->handshake == 0) StartDial(name, peer.dial.get());
  ForgetIfIdle(name);
}

void LocalNode::DropOldestAccept() {
  const auto address_of = [this](const std::string& entry) -> const std::string& {
    return peers_[entry].accept->address;
  };
  const std::string name = *OldestOfMost(accept_order_, address_of);
  const PendingAccept& accept = *peers_[name].accept;
  parts_->handshakes->Cancel(accept.handshake);
  Refuse({StatusCode::kRefused, "given up for newer ones: too many handshakes are pending"},
         accept.address, name);
  EndAccept(name);
}

}  // namespace beamlink
