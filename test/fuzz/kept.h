// What the inputs of a fuzz target have in common, since making it anew costs more than most
// inputs.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "etf/atoms.h"
#include "guarded_bytes.h"

namespace beamlink::fuzz {

inline void Require(bool claim) {
  if (!claim) std::abort();
}

// Renewed from time to time, so that it neither fills up nor stays what the first inputs made of
// it.
inline AtomTable* Atoms() {
  constexpr uint32_t kUses = 1024;
  static std::unique_ptr<AtomTable> table;
  static uint32_t uses = 0;
  if (uses++ % kUses == 0) table = std::make_unique<AtomTable>();
  return table.get();
}

inline constexpr size_t kLargestInput = size_t{1} << 20;

// A copy that ends at a page nobody may touch. Valid until the next call.
//   requires: size <= kLargestInput
inline std::span<uint8_t> Guarded(const uint8_t* input, size_t size) {
  static GuardedBytes guarded(std::vector<uint8_t>(kLargestInput, 0));
  const std::span<uint8_t> bytes = guarded.Last(size);
  if (size > 0) std::memcpy(bytes.data(), input, size);
  return bytes;
}

}  // namespace beamlink::fuzz
