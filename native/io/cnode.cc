#include "io/cnode.h"

#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <netinet/in.h>

namespace beamlink {
namespace {

// Node unloads an addon when the last environment that has it ends. Ours must stay, though only
// workers come and go: ei makes a key for each thread's data that it never gives back, of which a
// process has about a thousand, and loaded anew it would make another. On Linux the linker is told
// so (-z nodelete, link-flags.txt); macOS has no such flag.
void StayLoaded() {
#ifdef __APPLE__
  Dl_info here = {};
  if (::dladdr(reinterpret_cast<const void*>(&StayLoaded), &here) == 0) return;
  // Leaked on purpose: it keeps the image.
  (void)::dlopen(here.dli_fname, RTLD_NOW | RTLD_NODELETE);
#endif
}

// Once per process, before any thread uses ei.
bool InitEi() {
  static std::once_flag once;
  static int result = -1;
  std::call_once(once, [] {
    StayLoaded();
    result = ei_init();
  });
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
