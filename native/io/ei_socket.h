// The ei_socket_callbacks: how ei dials, accepts, reads and writes during a handshake.
//
// ei sees whole packets that a HandshakeScript has passed. Everything waits under one deadline and
// ends at once when it is cancelled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <ei.h>

#include "base/deadline.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "io/ei_slot.h"
#include "io/handshake_script.h"
#include "io/socket.h"

namespace beamlink {

// Lets one thread end what another waits for. Readable for ever once cancelled.
class Cancellation {
 public:
  static Status Make(Cancellation* made);

  // thread: any
  void Cancel();
  int fd() const { return read_end_.get(); }

 private:
  UniqueFd read_end_;
  UniqueFd write_end_;
};

//   thread: the one that runs the handshake
class EiSocket final : public PacketPort {
 public:
  // All but the deadline outlive it.
  // `header_bytes` is how packets are framed on the connection (handshake_packet.h).
  EiSocket(HandshakeScript* script, Deadline deadline, const Cancellation* cancellation,
           size_t header_bytes)
      : script_(script),
        deadline_(deadline),
        cancellation_(cancellation),
        header_bytes_(header_bytes) {}
  EiSocket(const EiSocket&) = delete;
  EiSocket& operator=(const EiSocket&) = delete;
  ~EiSocket() = default;

  static ei_socket_callbacks* Callbacks();

  // Before a dial: where to, or the connection that there is already.
  void DialTo(const SocketAddress& address) { address_ = address; }
  void Dialled(UniqueFd fd) { fd_ = std::move(fd); }
  // Before an accept: the connection, and the packet that was read from it already.
  void Accepted(UniqueFd fd, Packet first_packet);

  // What ei takes for the descriptor.
  int slot() const { return slot_.number(); }
  UniqueFd TakeFd() { return std::move(fd_); }
  // What made a callback fail; ok if none did.
  const Status& failure() const { return failure_; }

  // What ei asks for; each returns 0 or an errno, with failure() set.
  int Connect();
  int Read(char* to, ssize_t* count);
  int Write(const char* from, ssize_t count);

  // PacketPort: past the script.
  Status ReadPacket(Packet* packet) override;
  Status WritePacket(std::span<const uint8_t> packet) override;

 private:
  int Note(const Status& status);
  Status TryConnect();
  Status NextPacket();
  Status Wait(short events);
  Status ReadExactly(std::span<uint8_t> to);

  HandshakeScript* const script_;
  const Deadline deadline_;
  const Cancellation* const cancellation_;
  const size_t header_bytes_;
  const EiSlot slot_;
  SocketAddress address_;
  UniqueFd fd_;
  Status failure_;

  Packet unread_;  // for ei: a whole packet with its length
  size_t unread_at_ = 0;
};

}  // namespace beamlink
