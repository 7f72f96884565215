#include "io/socket.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <system_error>
#include <uv.h>

namespace beamlink {

Status ParseAddress(const std::string& address, uint16_t port, SocketAddress* parsed) {
  sockaddr_in v4;
  if (uv_ip4_addr(address.c_str(), port, &v4) == 0) {
    std::memcpy(&parsed->storage, &v4, sizeof(v4));
    parsed->length = sizeof(v4);
    return Status::Ok();
  }
  sockaddr_in6 v6;
  if (uv_ip6_addr(address.c_str(), port, &v6) == 0) {
    std::memcpy(&parsed->storage, &v6, sizeof(v6));
    parsed->length = sizeof(v6);
    return Status::Ok();
  }
  return {StatusCode::kNoConnection, "\"" + address + "\" is no numeric IPv4 or IPv6 address"};
}

std::string HostText(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address.storage, sizeof(v4));
    if (uv_ip4_name(&v4, text, sizeof(text)) != 0) return "";
  } else if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address.storage, sizeof(v6));
    if (uv_ip6_name(&v6, text, sizeof(text)) != 0) return "";
  }
  return text;
}

std::string AddressText(const std::string& host, uint16_t port) {
  const std::string text = std::to_string(port);
  return host.find(':') == std::string::npos ? host + ":" + text : "[" + host + "]:" + text;
}

std::string ErrorText(int error) {
  return std::generic_category().message(error);
}

Status SystemRefused(const std::string& what, int error) {
  const std::string text = what + ": " + ErrorText(error);
  switch (error) {
    case EMFILE:
      return {StatusCode::kResources, text + "; raise the limit of open files (ulimit -n)"};
    case ENFILE:
      return {StatusCode::kResources, text + "; raise the system's limit (sysctl fs.file-max)"};
    case EADDRNOTAVAIL:
      return {StatusCode::kResources,
              text +
                  "; all local ports are in use (sysctl net.ipv4.ip_local_port_range), or this "
                  "machine has no address of that kind"};
    case EAGAIN:
      return {StatusCode::kResources, text + "; raise the limit of threads (ulimit -u)"};
    case ENOBUFS:
    case ENOMEM:
      return {StatusCode::kResources, text + "; free memory or raise the limit (ulimit -v)"};
    default:
      return {StatusCode::kNoConnection, text};
  }
}

namespace {

#ifdef SOCK_CLOEXEC
// Set at birth: between two calls another thread could fork.
constexpr int kAtBirth = SOCK_CLOEXEC | SOCK_NONBLOCK;
#else
constexpr int kAtBirth = 0;
#endif

bool SetFlagsAfterBirth(int fd) {
  if (kAtBirth != 0) return true;
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
         ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

// Refused by what is no TCP socket, where it is not needed.
void SendAtOnce(int fd) {
  const int on = 1;
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

Status MakeSocket(int family, UniqueFd* made) {
  UniqueFd fd(::socket(family, SOCK_STREAM | kAtBirth, 0));
  if (!fd.valid() || !SetFlagsAfterBirth(fd.get())) {
    return SystemRefused("no socket to be had", errno);
  }
  SendAtOnce(fd.get());
  *made = std::move(fd);
  return Status::Ok();
}

Status MakeSocketPair(UniqueFd* one, UniqueFd* other) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | kAtBirth, 0, ends) != 0) {
    return SystemRefused("no pair of sockets to be had", errno);
  }
  *one = UniqueFd(ends[0]);
  *other = UniqueFd(ends[1]);
  if (!SetFlagsAfterBirth(ends[0]) || !SetFlagsAfterBirth(ends[1])) {
    return {StatusCode::kNoConnection, "a pair of sockets failed: " + ErrorText(errno)};
  }
  return Status::Ok();
}

UniqueFd AcceptSocket(int listener, SocketAddress* from) {
  from->length = sizeof(from->storage);
  auto* address = reinterpret_cast<sockaddr*>(&from->storage);
#ifdef SOCK_CLOEXEC
  UniqueFd fd(::accept4(listener, address, &from->length, kAtBirth));
#else
  UniqueFd fd(::accept(listener, address, &from->length));
#endif
  if (!fd.valid() || !SetFlagsAfterBirth(fd.get())) return UniqueFd();
  SendAtOnce(fd.get());
  return fd;
}

}  // namespace beamlink
