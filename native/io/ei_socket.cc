#include "io/ei_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <uv.h>

namespace beamlink {
namespace {

Status Closed(int error) {
  return {StatusCode::kNoConnection,
          error == 0 ? "the peer closed the connection during the handshake"
                     : "the connection broke during the handshake: " + ErrorText(error)};
}

bool WouldBlock(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

EiSocket* Self(void* context) {
  return static_cast<EiSocket*>(context);
}

}  // namespace

Status Cancellation::Make(Cancellation* made) {
  uv_file ends[2];
  if (const int error = uv_pipe(ends, 0, 0); error != 0) {
    return SystemRefused("no pipe to be had", -error);
  }
  made->read_end_ = UniqueFd(ends[0]);
  made->write_end_ = UniqueFd(ends[1]);
  return Status::Ok();
}

void Cancellation::Cancel() {
  const char byte = 0;
  // A pipe takes its first byte without blocking; more than one say no more.
  while (::write(write_end_.get(), &byte, 1) < 0 && errno == EINTR) {
  }
}

// ei knows one kind of context. Listening and accepting are no work, since the reactor has accepted
// already: ei's table of descriptors gets the connection in the listener's place.
ei_socket_callbacks* EiSocket::Callbacks() {
  static ei_socket_callbacks callbacks = {
      .flags = EI_SCLBK_FLG_FULL_IMPL,
      .socket =
          [](void** context, void* setup_context) noexcept {
            *context = setup_context;
            return 0;
          },
      // The descriptor belongs to the EiSocket, which closes it or gives it away.
      .close = [](void*) noexcept { return 0; },
      .listen = [](void*, void*, int*, int) noexcept { return 0; },
      .accept = [](void**, void*, int*, unsigned) noexcept { return 0; },
      .connect = [](void* context, void*, int,
                    unsigned) noexcept { return Self(context)->Connect(); },
      .writev = nullptr,
      .write = [](void* context, const char* from, ssize_t* count,
                  unsigned) noexcept { return Self(context)->Write(from, *count); },
      .read = [](void* context, char* to, ssize_t* count,
                 unsigned) noexcept { return Self(context)->Read(to, count); },
      .handshake_packet_header_size =
          [](void*, int* size) noexcept {
            *size = kHandshakeHeaderBytes;
            return 0;
          },
      .connect_handshake_complete = nullptr,
      .accept_handshake_complete = nullptr,
      .get_fd =
          [](void* context, int* fd) noexcept {
            *fd = Self(context)->slot();
            return 0;
          },
  };
  return &callbacks;
}

void EiSocket::Accepted(UniqueFd fd, Packet first_packet) {
  fd_ = std::move(fd);
  unread_ = WithLength(first_packet, kHandshakeHeaderBytes);
  unread_at_ = 0;
}

int EiSocket::Note(const Status& status) {
  if (status.ok()) return 0;
  if (failure_.ok()) failure_ = status;
  return EIO;
}

int EiSocket::Connect() {
  return Note(TryConnect());
}

Status EiSocket::TryConnect() {
  if (fd_.valid()) return Status::Ok();
  if (Status status = MakeSocket(address_.storage.ss_family, &fd_); !status.ok()) return status;
  int error = 0;
  if (::connect(fd_.get(), address_.get(), address_.length) != 0) {
    error = errno;
    if (error == EINPROGRESS || error == EINTR) {
      if (Status status = Wait(POLLOUT); !status.ok()) return status;
      socklen_t size = sizeof(error);
      if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    }
  }
  if (error == 0) return Status::Ok();
  Status why = SystemRefused("cannot connect to " + HostText(address_), error);
  if (why.code() == StatusCode::kResources) return why;
  return {why.code(), why.message() + "; is the node running there?"};
}

// ei reads a packet's length, then its content: it is given both out of one packet that we have.
int EiSocket::Read(char* to, ssize_t* count) {
  if (unread_at_ == unread_.size()) {
    if (const int error = Note(NextPacket()); error != 0) return error;
  }
  const size_t given = std::min(static_cast<size_t>(*count), unread_.size() - unread_at_);
  std::memcpy(to, unread_.data() + unread_at_, given);
  unread_at_ += given;
  *count = static_cast<ssize_t>(given);
  return 0;
}

Status EiSocket::NextPacket() {
  Packet packet;
  if (Status status = ReadPacket(&packet); !status.ok()) return status;
  if (Status status = script_->Incoming(this, &packet); !status.ok()) return status;
  unread_ = WithLength(packet, kHandshakeHeaderBytes);
  unread_at_ = 0;
  return Status::Ok();
}

// ei writes each packet with one call.
int EiSocket::Write(const char* from, ssize_t count) {
  if (count < static_cast<ssize_t>(kHandshakeHeaderBytes)) {
    return Note({StatusCode::kUnsupported, "ei wrote a handshake packet in parts"});
  }
  Packet packet(from + kHandshakeHeaderBytes, from + count);
  Status status = script_->Outgoing(this, &packet);
  if (status.ok() && !packet.empty()) status = WritePacket(packet);
  return Note(status);
}

Status EiSocket::ReadPacket(Packet* packet) {
  uint8_t header[kLongHandshakeHeaderBytes];
  if (Status status = ReadExactly({header, header_bytes_}); !status.ok()) return status;
  const size_t length = PacketLength(header, header_bytes_);
  if (length > kMaxHandshakePacket) {
    if (LooksLikeTls(header, header_bytes_)) {
      return {StatusCode::kMalformed,
              "the peer speaks TLS and this node does not; give it the option tls"};
    }
    return {StatusCode::kMalformed, "the peer sent a handshake packet of " +
                                        std::to_string(length) + " bytes; it is no Erlang node"};
  }
  packet->resize(length);
  return ReadExactly(*packet);
}

Status EiSocket::WritePacket(std::span<const uint8_t> packet) {
  const Packet framed = WithLength(packet, header_bytes_);
  for (size_t at = 0; at < framed.size();) {
    const ssize_t sent = ::send(fd_.get(), framed.data() + at, framed.size() - at, MSG_NOSIGNAL);
    if (sent >= 0) {
      at += static_cast<size_t>(sent);
    } else if (!WouldBlock(errno)) {
      return Closed(errno);
    } else if (Status status = Wait(POLLOUT); !status.ok()) {
      return status;
    }
  }
  return Status::Ok();
}

// Never reads further: what comes behind the last packet belongs to the channel.
Status EiSocket::ReadExactly(std::span<uint8_t> to) {
  while (!to.empty()) {
    const ssize_t got = ::read(fd_.get(), to.data(), to.size());
    if (got > 0) {
      to = to.subspan(static_cast<size_t>(got));
    } else if (got == 0) {
      return Closed(0);
    } else if (!WouldBlock(errno)) {
      return Closed(errno);
    } else if (Status status = Wait(POLLIN); !status.ok()) {
      return status;
    }
  }
  return Status::Ok();
}

Status EiSocket::Wait(short events) {
  pollfd fds[2] = {{fd_.get(), events, 0}, {cancellation_->fd(), POLLIN, 0}};
  int ready = -1;
  // A signal is no answer: who waits for a connect would take it for one.
  do {
    ready = ::poll(fds, 2, static_cast<int>(deadline_.RemainingMs()));
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return Closed(errno);
  if (fds[1].revents != 0) return {StatusCode::kClosed, "the handshake was given up"};
  if (ready == 0) return {StatusCode::kTimeout, "no answer within the time for connecting"};
  return Status::Ok();
}

}  // namespace beamlink
