// Upper bounds of what one ei_encode_* call writes.
#pragma once

#include <climits>
#include <cstddef>

namespace beamlink {

inline constexpr size_t kInt32Bound = 7;   // tag, length, sign, 4 bytes
inline constexpr size_t kInt64Bound = 11;  // tag, length, sign, 8 bytes
inline constexpr size_t kDoubleBound = 9;
inline constexpr size_t kBinaryHeader = 5;
inline constexpr size_t kBitsHeader = 6;
inline constexpr size_t kLargeBigHeader = 6;

// ei counts what it writes in int.
inline constexpr size_t kMaxEiBytes = INT_MAX - 64;

}  // namespace beamlink
