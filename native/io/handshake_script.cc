#include "io/handshake_script.h"

#include <utility>

namespace beamlink {

Status HandshakeScript::Advertise(Packet* packet) {
  if (Status status = AddFlags(flags_beyond_ei_, packet); !status.ok()) return status;
  our_flags_ = FlagsOf(*packet);
  return Status::Ok();
}

namespace {

constexpr const char* kCookieAdvice =
    "; give both nodes the same cookie (option cookie or cookieFile here, -setcookie there)";

// ei has not found out that the peer's cookie is another one: what it sees has been checked before.
Status RefusedByEi(const std::string& peer_name) {
  return {StatusCode::kMalformed,
          peer_name + " lacks capabilities that ei insists on; it must be OTP 23 or later"};
}

class DialScript final : public HandshakeScript {
 public:
  DialScript(uint64_t flags_beyond_ei, std::string cookie, std::string peer_name)
      : HandshakeScript(flags_beyond_ei, std::move(cookie)), peer_name_(std::move(peer_name)) {}

  Status Outgoing(PacketPort*, Packet* packet) override {
    // ei writes the name, then the reply to the peer's challenge, with one of its own.
    if (step_ == Step::kAck) return challenge_.Replace(packet, kReplyChallengeAt);
    if (step_ != Step::kConnect) return Status::Ok();
    step_ = Step::kStatus;
    return Advertise(packet);
  }

  Status Incoming(PacketPort* port, Packet* packet) override {
    switch (step_) {
      case Step::kStatus:
        step_ = Step::kChallenge;
        return OnStatus(port, packet);
      case Step::kChallenge:
        step_ = Step::kAck;
        return OnChallenge(*packet);
      case Step::kAck:
        step_ = Step::kDone;
        return challenge_.Check(packet, kAckDigestAt);
      case Step::kConnect:
      case Step::kDone:
        break;
    }
    return {StatusCode::kMalformed, "a packet behind the end of the handshake"};
  }

  Status Explain(const Status& failure) const override {
    const bool closed = failure.code() == StatusCode::kNoConnection;
    if (failure.ok()) return RefusedByEi(peer_name_);
    if (failure.code() == StatusCode::kAuth) {
      return {StatusCode::kAuth,
              peer_name_ + " has another cookie than we expect of it" + kCookieAdvice};
    }
    if (closed && step_ == Step::kAck) {
      return {StatusCode::kAuth, peer_name_ + " refused our cookie" + kCookieAdvice};
    }
    if (closed && step_ == Step::kStatus) {
      return {StatusCode::kRefused,
              peer_name_ +
                  " closed the connection when it heard our name; it may be connecting to "
                  "a node of that name already, take TLS only (option tls here), or not be an "
                  "Erlang node"};
    }
    return failure;
  }

 private:
  // What is to come next: our name, or a packet of the peer.
  enum class Step { kConnect, kStatus, kChallenge, kAck, kDone };

  Status OnStatus(PacketPort* port, Packet* packet) {
    const std::string_view status = StatusText(*packet);
    if (status == "ok" || status == "ok_simultaneous") return Status::Ok();
    if (status == "alive") {
      // The peer still holds a channel of ours that we know nothing of: it is dead.
      if (Status sent = port->WritePacket(StatusPacket("true")); !sent.ok()) return sent;
      *packet = StatusPacket("ok");
      return Status::Ok();
    }
    if (status == "nok") {
      return {StatusCode::kSuperseded, peer_name_ + " is dialling us, and its attempt wins"};
    }
    if (status == "not_allowed") {
      return {StatusCode::kRefused, peer_name_ + " does not allow our name (net_kernel:allow/1)"};
    }
    return {StatusCode::kMalformed, "the peer answered our name with no status that we know"};
  }

  Status OnChallenge(const Packet& packet) {
    if (Status status = ParseChallengePacket(packet, &peer_); !status.ok()) return status;
    if (peer_.name == peer_name_) return Status::Ok();
    return {StatusCode::kMalformed, "the node there is named " + peer_.name + ", not " +
                                        peer_name_ + "; use the name that it has itself"};
  }

  const std::string peer_name_;
  Step step_ = Step::kConnect;
};

class AcceptScript final : public HandshakeScript {
 public:
  AcceptScript(uint64_t flags_beyond_ei, std::string cookie, PeerIdentity peer, AcceptAnswer answer)
      : HandshakeScript(flags_beyond_ei, std::move(cookie)), answer_(answer) {
    peer_ = std::move(peer);
  }

  Status Outgoing(PacketPort* port, Packet* packet) override {
    switch (step_) {
      case Step::kStatus:
        step_ = Step::kChallenge;
        return WriteStatus(port, packet);
      case Step::kChallenge:
        step_ = Step::kReply;
        if (Status status = Advertise(packet); !status.ok()) return status;
        return challenge_.Replace(packet, kChallengeAt);
      default:
        return Status::Ok();
    }
  }

  Status Incoming(PacketPort*, Packet* packet) override {
    // The name first, which we have read already; then the reply to our challenge.
    if (step_ != Step::kReply) return Status::Ok();
    step_ = Step::kDone;
    return challenge_.Check(packet, kReplyDigestAt);
  }

  Status Explain(const Status& failure) const override {
    if (failure.ok()) return RefusedByEi(peer_.name);
    if (failure.code() != StatusCode::kAuth) return failure;
    return {StatusCode::kAuth, peer_.name + " came with another cookie than ours" + kCookieAdvice};
  }

 private:
  enum class Step { kStatus, kChallenge, kReply, kDone };

  Status WriteStatus(PacketPort* port, Packet* packet) {
    if (answer_ == AcceptAnswer::kOk) return Status::Ok();
    if (answer_ == AcceptAnswer::kOkSimultaneous) {
      *packet = StatusPacket("ok_simultaneous");
      return Status::Ok();
    }
    packet->clear();
    if (Status sent = port->WritePacket(StatusPacket("alive")); !sent.ok()) return sent;
    Packet reply;
    if (Status read = port->ReadPacket(&reply); !read.ok()) return read;
    if (StatusText(reply) == "true") return Status::Ok();
    return {StatusCode::kRefused, peer_.name + " keeps the connection that it has"};
  }

  const AcceptAnswer answer_;
  Step step_ = Step::kStatus;
};

}  // namespace

std::unique_ptr<HandshakeScript> MakeDialScript(uint64_t flags_beyond_ei, std::string cookie,
                                                std::string peer_name) {
  return std::make_unique<DialScript>(flags_beyond_ei, std::move(cookie), std::move(peer_name));
}

std::unique_ptr<HandshakeScript> MakeAcceptScript(uint64_t flags_beyond_ei, std::string cookie,
                                                  PeerIdentity peer, AcceptAnswer answer) {
  return std::make_unique<AcceptScript>(flags_beyond_ei, std::move(cookie), std::move(peer),
                                        answer);
}

}  // namespace beamlink
