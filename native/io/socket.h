// TCP sockets and numeric addresses.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include "base/status.h"
#include "base/unique_fd.h"

namespace beamlink {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// `address` is numeric, IPv4 or IPv6.
Status ParseAddress(const std::string& address, uint16_t port, SocketAddress* parsed);
// Without the port.
std::string HostText(const SocketAddress& address);
// As people write it: 127.0.0.1:4369, [::1]:4369
std::string AddressText(const std::string& host, uint16_t port);
// The system's words for an errno.
std::string ErrorText(int error);

// What the system refused, `what` being "no socket to be had" or the like: kResources, with the
// limit to look at, if it is at its end; else kNoConnection.
Status SystemRefused(const std::string& what, int error);

// Sockets that neither block nor survive exec, with TCP_NODELAY.
Status MakeSocket(int family, UniqueFd* made);
// Two such ends that are joined to each other.
Status MakeSocketPair(UniqueFd* one, UniqueFd* other);
// Invalid when there is none to accept, with errno set.
UniqueFd AcceptSocket(int listener, SocketAddress* from);

}  // namespace beamlink
