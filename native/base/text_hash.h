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

// The bytes of a text of at most 8, in one word.
inline uint64_t ShortText(const char* at, size_t size) {
  uint32_t low = 0;
  uint32_t high = 0;
  if (size >= 4) {
    // Two words that overlap: no loop.
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + size - 4, 4);
  } else if (size > 0) {
    low = static_cast<uint8_t>(at[0]);
    high = static_cast<uint32_t>(static_cast<uint8_t>(at[size / 2]) << 8 |
                                 static_cast<uint8_t>(at[size - 1]));
  }
  return uint64_t{high} << 32 | low;
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
  return FoldedMultiply(hash ^ ShortText(at, left), seed | 1);
}

}  // namespace beamlink
