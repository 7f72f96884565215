// Walks over terms and checks them as TapeDecoder does, without making anything of them.
#pragma once

#include <cstdint>

#include "etf/term_cursor.h"

namespace beamlink {

// Moves behind `count` terms. Depth costs nothing: terms still to come are counted, not stacked.
// False when the bytes are no such terms; in->status() tells why.
[[nodiscard]] bool SkipTerms(TermCursor* in, uint64_t count);

}  // namespace beamlink
