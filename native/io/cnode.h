// ei's idea of our node. Each handshake gets a copy of its own, with the cookie for that peer and
// the socket it runs on.
#pragma once

#include <cstdint>
#include <string>

#include <ei.h>

#include "base/status.h"
#include "io/ei_socket.h"

namespace beamlink {

class Cnode {
 public:
  // `name` is a full node name. The creation stays that of the node for life.
  static Status Make(const std::string& name, uint32_t creation, Cnode* made);

  // A copy for one handshake. `socket` outlives it.
  Status ForHandshake(const std::string& cookie, EiSocket* socket, ei_cnode* copy) const;

 private:
  ei_cnode cnode_ = {};
};

}  // namespace beamlink
