// Hostile peers in a handshake that ei leads, in both roles, and in the channel behind it. Nobody
// gets through who has not shown that they know the cookie, and nobody is told it.
//
//   input := setup:8 step*                 steps: fuzzed_peer.h
//   setup := role:1 (1: we dial) length:1 (1: of four bytes) answer:2 mark:4
//
// Everything is as in a node, the sockets too, save that nothing waits: when the handshake has to,
// the peer takes its turn.
#include "io/handshake.h"

#include <cstdint>
#include <memory>
#include <poll.h>
#include <string>
#include <utility>

#include "checked_channel.h"
#include "fuzzed_peer.h"
#include "io/first_packet.h"
#include "kept.h"

namespace {

using namespace beamlink;
using fuzz::Require;

constexpr uint32_t kTimeoutMs = 60'000;

fuzz::FuzzedPeer* the_peer = nullptr;

}  // namespace

// In place of libc's: EiSocket waits with it.
extern "C" int poll(pollfd* fds, nfds_t, int) {
  the_peer->Turn();
  fds[0].revents = fds[0].events;
  return 1;
}

// In place of libc's, which ei asks for each challenge: it reads files, and may ask name servers.
extern "C" long gethostid() {
  return 1;
}

namespace {

const Cnode& Ours() {
  static const Cnode* const made = [] {
    auto cnode = std::make_unique<Cnode>();
    Require(Cnode::Make("ours@127.0.0.1", 7, cnode.get()).ok());
    return cnode.release();
  }();
  return *made;
}

const Cancellation& Never() {
  static const Cancellation* const made = [] {
    auto cancellation = std::make_unique<Cancellation>();
    Require(Cancellation::Make(cancellation.get()).ok());
    return cancellation.release();
  }();
  return *made;
}

HandshakeRequest RequestOf(UniqueFd fd, size_t header_bytes) {
  return {.cnode = Ours(),
          .cookie = std::string(fuzz::kCookie),
          .script = nullptr,
          .deadline = Deadline::After(kTimeoutMs),
          .address = {},
          .fd = std::move(fd),
          .first_packet = {},
          .header_bytes = header_bytes};
}

// As the reactor does it before it starts a thread. False when the peer is turned away.
bool ReadName(HandshakeRequest* request, PeerIdentity* peer) {
  FirstPacket first(request->header_bytes);
  for (bool whole = false; !whole;) {
    the_peer->Turn();
    if (!first.ReadOn(request->fd.get(), &whole).ok()) return false;
  }
  request->first_packet = first.TakeContent();
  return ParseNamePacket(request->first_packet, peer).ok();
}

void ReadChannel(HandshakeOutcome outcome, uint64_t mark) {
  fuzz::CheckedChannel channel(outcome.flags, mark);
  uint8_t bytes[4096];
  for (;;) {
    the_peer->Turn();
    const ssize_t got = ::recv(outcome.fd.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got <= 0) return;
    if (!channel.Feed(fuzz::Guarded(bytes, static_cast<size_t>(got)))) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > fuzz::kLargestInput) return 0;
  const bool dials = (data[0] & 1) != 0;
  const size_t header_bytes =
      (data[0] & 2) != 0 ? kLongHandshakeHeaderBytes : kHandshakeHeaderBytes;
  const auto answer = static_cast<AcceptAnswer>((data[0] >> 2) % 3);
  const uint64_t mark = (data[0] >> 4) == 0 ? UINT64_MAX : uint64_t{1} << (data[0] >> 4);

  int ends[2];
  Require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  HandshakeRequest request = RequestOf(UniqueFd(ends[0]), header_bytes);
  fuzz::FuzzedPeer peer(UniqueFd(ends[1]), header_bytes, {data + 1, size - 1});
  the_peer = &peer;

  const std::string dialled(fuzz::kNames[0]);
  PeerIdentity caller;
  if (dials) {
    request.script = MakeDialScript(kFlagsBeyondEi, request.cookie, dialled);
  } else {
    if (!ReadName(&request, &caller)) return 0;
    request.script = MakeAcceptScript(kFlagsBeyondEi, request.cookie, caller, answer);
  }
  HandshakeOutcome outcome = Shake(&request, &Never());
  const std::string& message = outcome.status.message();
  Require(message.find(fuzz::kCookie) == std::string::npos);
  if (!outcome.status.ok()) {
    Require(!message.empty());
    return 0;
  }
  Require(peer.proved());
  Require(outcome.peer.name == (dials ? dialled : caller.name));
  Require((outcome.flags & ~outcome.peer.flags) == 0);
  ReadChannel(std::move(outcome), mark);
  return 0;
}
