// A peer that says what it is told to, byte by byte.
#pragma once

#include <cstdint>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "io/handshake_packet.h"
#include "io/socket.h"

namespace beamlink::test {

class RawPeer {
 public:
  RawPeer() = default;
  explicit RawPeer(UniqueFd fd, size_t header_bytes = kHandshakeHeaderBytes)
      : fd_(std::move(fd)), header_bytes_(header_bytes) {}

  // Connects, or holds nothing. `from` is one of the loopback addresses.
  static RawPeer ConnectTo(uint16_t port, const std::string& from = "127.0.0.1") {
    SocketAddress address;
    SocketAddress own;
    RawPeer peer;
    if (!ParseAddress("127.0.0.1", port, &address).ok() || !ParseAddress(from, 0, &own).ok()) {
      return peer;
    }
    peer.fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(peer.fd_.get(), own.get(), own.length) != 0 ||
        ::connect(peer.fd_.get(), address.get(), address.length) != 0) {
      peer.fd_ = UniqueFd();
    }
    return peer;
  }
  // Takes one connection off a listening socket.
  static RawPeer AcceptFrom(int listener) {
    RawPeer peer;
    pollfd waiting = {listener, POLLIN, 0};
    if (::poll(&waiting, 1, kTimeoutMs) == 1) {
      peer.fd_ = UniqueFd(::accept(listener, nullptr, nullptr));
    }
    return peer;
  }

  bool connected() const { return fd_.valid(); }
  void Close() { fd_ = UniqueFd(); }

  bool Send(const std::string& bytes) {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // A handshake packet.
  bool SendPacket(const std::string& content) {
    const std::vector<uint8_t> packet =
        WithLength(std::vector<uint8_t>(content.begin(), content.end()), header_bytes_);
    return Send(std::string(packet.begin(), packet.end()));
  }
  // The name packet of a node of OTP 25.
  bool SendName(const std::string& name, uint64_t flags = 0x7DDFFBC) {
    std::string packet = "N";
    for (int shift = 56; shift >= 0; shift -= 8)
      packet += static_cast<char>(flags >> shift);
    packet += std::string("\0\0\x12\x34", 4);
    packet += static_cast<char>(name.size() >> 8);
    packet += static_cast<char>(name.size());
    return SendPacket(packet + name);
  }

  // Exactly so many bytes; fewer when the other side closes or says nothing in time.
  std::string Receive(size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
      pollfd waiting = {fd_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, kTimeoutMs) != 1) break;
      char buffer[4096];
      const ssize_t got = ::read(fd_.get(), buffer, std::min(sizeof(buffer), size - bytes.size()));
      if (got <= 0) break;
      bytes.append(buffer, static_cast<size_t>(got));
    }
    return bytes;
  }
  // The content of one handshake packet; empty when none comes.
  std::string ReceivePacket() {
    const std::string head = Receive(header_bytes_);
    if (head.size() < header_bytes_) return "";
    return Receive(PacketLength(reinterpret_cast<const uint8_t*>(head.data()), header_bytes_));
  }
  // Whether something can be read, or the other side has closed, by then.
  bool IsReadable(int timeout_ms = 50) const {
    pollfd waiting = {fd_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, timeout_ms) == 1;
  }
  // Whether the other side closes the connection, whatever it says before that.
  bool IsClosed() {
    for (;;) {
      pollfd waiting = {fd_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, kTimeoutMs) != 1) return false;
      char buffer[4096];
      if (::read(fd_.get(), buffer, sizeof(buffer)) <= 0) return true;
    }
  }

 private:
  static constexpr int kTimeoutMs = 5000;

  UniqueFd fd_;
  size_t header_bytes_ = kHandshakeHeaderBytes;
};

}  // namespace beamlink::test
