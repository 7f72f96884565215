#include "io/listener.h"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <utility>

#include "io/first_packet.h"
#include "io/pending.h"

namespace beamlink {
namespace {

constexpr int kBacklog = 128;
constexpr uint64_t kRetryMs = 100;
constexpr int kMostAtOnce = 64;

uint16_t PortOf(const sockaddr_storage& address) {
  // The port stands at the same place for both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

Status Failed(int error) {
  const char* advice = error == EADDRINUSE ? "; choose another port, or 0 for a free one" : "";
  return {StatusCode::kRefused, ErrorText(error) + advice};
}

}  // namespace

class Caller {
 public:
  Caller(uv_loop_t* loop, UniqueFd fd, std::string address, size_t header_bytes, uint32_t number,
         uint32_t timeout_ms, std::function<void(Caller*)> readable,
         std::function<void(Caller*)> late)
      : address_(std::move(address)),
        number_(number),
        deadline_(Deadline::After(timeout_ms)),
        fd_(std::move(fd)),
        packet_(header_bytes),
        poll_(std::make_unique<Poll>(
            loop, fd_.get(), [this, readable = std::move(readable)](int) { readable(this); })),
        timer_(loop, [this, late = std::move(late)] { late(this); }) {
    poll_->Watch(UV_READABLE);
    timer_.Start(timeout_ms);
  }

  const std::string& address() const { return address_; }

  Status ReadOn(bool* whole) { return packet_.ReadOn(fd_.get(), whole); }

  Greeting ToGreeting() {
    poll_.reset();  // before the descriptor goes
    return {.fd = std::move(fd_),
            .address = std::move(address_),
            .packet = packet_.TakeContent(),
            .peer = {},
            .deadline = deadline_,
            .header_bytes = packet_.header_bytes(),
            .caller = number_};
  }

 private:
  std::string address_;
  const uint32_t number_;
  const Deadline deadline_;
  UniqueFd fd_;  // outlives poll_
  FirstPacket packet_;
  std::unique_ptr<Poll> poll_;
  Timer timer_;
};

Listener::Listener(uv_loop_t* loop, uint32_t handshake_timeout_ms, Events events)
    : loop_(loop),
      handshake_timeout_ms_(handshake_timeout_ms),
      events_(std::move(events)),
      retry_(loop, [this] { poll_->Watch(UV_READABLE); }) {}

Listener::~Listener() = default;

Status Listener::Listen(const std::string& address, uint16_t port, uint16_t* bound) {
  SocketAddress parsed;
  if (Status status = ParseAddress(address, port, &parsed); !status.ok()) return status;
  UniqueFd fd;
  if (Status status = MakeSocket(parsed.storage.ss_family, &fd); !status.ok()) return status;
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      ::bind(fd.get(), parsed.get(), parsed.length) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return Failed(errno);
  }
  sockaddr_storage name = {};
  socklen_t length = sizeof(name);
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    return Failed(errno);
  }
  *bound = PortOf(name);
  fd_ = std::move(fd);
  poll_ = std::make_unique<Poll>(loop_, fd_.get(), [this](int) { Accept(); });
  poll_->Watch(UV_READABLE);
  return Status::Ok();
}

// So many at a time: a flood of them must leave the loop its turns.
void Listener::Accept() {
  for (int i = 0; i < kMostAtOnce && AcceptOne(); i++) {
  }
}

bool Listener::AcceptOne() {
  SocketAddress from;
  UniqueFd fd = AcceptSocket(fd_.get(), &from);
  if (!fd.valid()) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the backlog, which would wake us at once and for ever.
      poll_->Watch(0);
      retry_.Start(kRetryMs);
      return false;
    }
    return errno == EINTR || errno == ECONNABORTED;
  }
  Adopt(std::move(fd), HostText(from), kHandshakeHeaderBytes, 0);
  return true;
}

void Listener::Adopt(UniqueFd fd, std::string address, size_t header_bytes, uint32_t caller) {
  if (callers_.size() == kMaxPending) DropOldest();
  callers_.push_back(std::make_unique<Caller>(
      loop_, std::move(fd), std::move(address), header_bytes, caller, handshake_timeout_ms_,
      [this](Caller* readable) { OnReadable(readable); },
      [this](Caller* late) {
        Drop(late, {StatusCode::kTimeout, "it did not say its name in time"});
      }));
}

void Listener::OnReadable(Caller* caller) {
  bool whole = false;
  if (Status status = caller->ReadOn(&whole); !status.ok()) return Drop(caller, status);
  if (!whole) return;
  Greeting greeting = caller->ToGreeting();
  std::erase_if(callers_, [caller](const auto& entry) { return entry.get() == caller; });
  if (Status status = ParseNamePacket(greeting.packet, &greeting.peer); !status.ok()) {
    return events_.failed(status, greeting.address);
  }
  events_.greeted(std::move(greeting));
}

void Listener::Drop(Caller* caller, const Status& why) {
  const std::string address = caller->address();
  std::erase_if(callers_, [caller](const auto& entry) { return entry.get() == caller; });
  events_.failed(why, address);
}

void Listener::DropOldest() {
  const auto address_of = [](const auto& caller) -> const std::string& {
    return caller->address();
  };
  const auto oldest = OldestOfMost(callers_, address_of);
  Drop(oldest->get(), {StatusCode::kRefused, "given up for newer ones: too many connections wait"});
}

}  // namespace beamlink
