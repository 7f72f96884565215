// A peer that says what it is told to, byte by byte.
#pragma once

#include <cstdint>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "io/socket.h"

namespace beamlink::test {

class RawPeer {
 public:
  // Connects, or holds nothing.
  static RawPeer ConnectTo(uint16_t port) {
    SocketAddress address;
    RawPeer peer;
    if (!ParseAddress("127.0.0.1", port, &address).ok()) return peer;
    peer.fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(peer.fd_.get(), address.get(), address.length) != 0) peer.fd_ = UniqueFd();
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
    std::string packet{static_cast<char>(content.size() >> 8), static_cast<char>(content.size())};
    return Send(packet + content);
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
    const std::string head = Receive(2);
    if (head.size() < 2) return "";
    return Receive(static_cast<size_t>(static_cast<uint8_t>(head[0])) << 8 |
                   static_cast<uint8_t>(head[1]));
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
};

}  // namespace beamlink::test
