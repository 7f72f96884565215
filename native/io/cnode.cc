#include "io/cnode.h"

#include <cstring>
#include <mutex>
#include <netinet/in.h>

namespace beamlink {
namespace {

// Once per process, before any thread uses ei.
bool InitEi() {
  static std::once_flag once;
  static int result = -1;
  std::call_once(once, [] { result = ei_init(); });
  return result == 0;
}

}  // namespace

Status Cnode::Make(const std::string& name, uint32_t creation, Cnode* made) {
  const size_t at = name.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == name.size()) {
    return {StatusCode::kMalformed, "\"" + name + "\" is no node name: it must be alive@host"};
  }
  if (!InitEi()) return {StatusCode::kUnsupported, "ei cannot be initialised"};
  in_addr unused = {};
  const std::string alive = name.substr(0, at);
  const std::string host = name.substr(at + 1);
  // The cookie is set for each handshake; without one here ei would read the user's file.
  if (ei_connect_xinit_ussi(&made->cnode_, host.c_str(), alive.c_str(), name.c_str(), &unused, "",
                            creation, EiSocket::Callbacks(), sizeof(ei_socket_callbacks),
                            nullptr) != 0) {
    return {StatusCode::kMalformed, "ei refuses the node name \"" + name + "\": it is too long"};
  }
  return Status::Ok();
}

Status Cnode::ForHandshake(const std::string& cookie, EiSocket* socket, ei_cnode* copy) const {
  *copy = cnode_;
  if (cookie.size() >= sizeof(copy->ei_connect_cookie)) {
    return {StatusCode::kAuth, "the cookie is longer than " +
                                   std::to_string(sizeof(copy->ei_connect_cookie) - 1) + " bytes"};
  }
  std::memcpy(copy->ei_connect_cookie, cookie.c_str(), cookie.size() + 1);
  copy->setup_context = socket;
  return Status::Ok();
}

}  // namespace beamlink
