// Numbers in a row become one op, which is much cheaper on both sides than one op for each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "etf/tape_buffer.h"
#include "etf/term_cursor.h"

namespace beamlink {

// |value| up to here is exact as a double, and a safe integer in JavaScript.
inline constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

inline bool IsSafeInteger(int64_t value) {
  return value <= kMaxSafeInteger && value >= -kMaxSafeInteger;
}

inline bool IsInt32(int64_t value) {
  return value == static_cast<int32_t>(value);
}

struct GatheredNumbers {
  uint32_t count = 0;
  // The numbers were all of a proper list, whose end has been read too.
  bool whole_list = false;
};

// Whether a term of this tag may be one that GatherNumbers reads.
inline bool IsGathered(uint8_t tag) {
  return tag == kTagSmallInteger || tag == kTagInteger || tag == kTagNewFloat ||
         tag == kTagSmallBig || tag == kTagLargeBig;
}

// Reads up to `limit` numbers that share an op (kInt, kWide or kFloat) and pushes that op, its form
// for many, or, if `limit` numbers are a whole list, its form for lists. None are read when the
// next term is no such number, or is cut off.
//   in: `tag` is that of the next term; `may_be_list`: the numbers are the elements of a list, from
//       the first to the last
GatheredNumbers GatherNumbers(uint8_t tag, TermCursor* in, uint32_t limit, bool may_be_list,
                              TapeBuffer* tape);

// Pushes kInt or kWide.
//   requires: |value| <= kMaxSafeInteger
void PushInteger(int64_t value, TapeBuffer* tape);
void PushDouble(int32_t op, double value, TapeBuffer* tape);

}  // namespace beamlink
