// A fast hash of short texts for tables in memory. Not for anything that is stored or sent.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace beamlink {

// Multiplies to 128 bits and folds: every bit of the product depends on both factors.
inline uint64_t FoldedMultiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// `seed` is random per table, so that a peer cannot choose names that collide.
inline uint64_t TextHash(std::string_view text, uint64_t seed) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  uint64_t hash = seed ^ (text.size() * kOdd);
  const char* at = text.data();
  size_t left = text.size();
  for (; left > 8; left -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = FoldedMultiply(hash ^ word, kOdd);
  }
  uint64_t last = 0;
  if (left == 8) {
    std::memcpy(&last, at, 8);
  } else {
    for (size_t i = 0; i < left; i++)
      last |= uint64_t{static_cast<uint8_t>(at[i])} << (8 * i);
  }
  return FoldedMultiply(hash ^ last, seed | 1);
}

}  // namespace beamlink
