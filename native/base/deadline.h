// A point in time by which a whole operation must be done, however many steps it takes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace beamlink {

class Deadline {
 public:
  static Deadline After(uint32_t ms) {
    return Deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(ms));
  }

  // Rounded up, so that 0 means that it has passed.
  uint32_t RemainingMs() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
    return static_cast<uint32_t>(std::clamp<int64_t>(left.count(), 0, INT32_MAX));
  }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}

  std::chrono::steady_clock::time_point at_;
};

}  // namespace beamlink
