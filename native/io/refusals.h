// Tells of incoming connections that came to nothing. Strangers make these, and nobody gives credit
// for them: so many a second are told one by one, the others only counted.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "dist/notices.h"
#include "io/uv_handle.h"

namespace beamlink {

//   thread: the reactor
class Refusals {
 public:
  // Both outlive it.
  Refusals(uv_loop_t* loop, Notices* notices, uint32_t node);
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;
  // Tells how many are still untold.
  ~Refusals();

  void Tell(const Status& why, const std::string& address, const std::string& peer);

 private:
  void TellUntold();

  Notices* const notices_;
  const uint32_t node_;
  Timer period_;
  bool in_period_ = false;
  uint32_t told_ = 0;  // in this period
  uint32_t untold_ = 0;
};

}  // namespace beamlink
