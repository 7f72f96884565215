// Where everything is slow, as with sanitizers, `BEAMLINK_PATIENCE` makes deadlines so much longer.
#pragma once

#include <algorithm>
#include <cstdlib>

namespace beamlink::test {

inline int Patience() {
  const char* given = std::getenv("BEAMLINK_PATIENCE");
  return given == nullptr ? 1 : std::max(std::atoi(given), 1);
}

}  // namespace beamlink::test
