// Encode tape → ETF for the values that most of a tape consists of.
#pragma once

#include <cstdint>

#include "etf/op_cursor.h"

namespace beamlink {

// Writes the integers, atoms, keys and binaries that come next, `limit` at most, and returns how
// many. Stops at any other op, and before one that is malformed.
//
// LeafEncoder does the same one by one; here the places to read and to write stay in registers,
// which takes half of the time.
[[nodiscard]] uint32_t WriteLeafRun(OpCursor* in, const AtomBook& book, EiBuffer* out,
                                    uint32_t limit);

}  // namespace beamlink
