// Walks over terms and checks them as TapeDecoder does, without making anything of them.
#pragma once

#include <cstdint>
#include <span>

#include "etf/term_cursor.h"

namespace beamlink {

// Moves behind `count` terms. Depth costs nothing: terms still to come are counted, not stacked.
// False when the bytes are no such terms; in->status() tells why.
[[nodiscard]] bool SkipTerms(TermCursor* in, uint64_t count);

// Whether bytes, without version byte, are one term and no more, so that they can be written as
// they are: a peer would close the channel over any others. What a local term holds is known to its
// maker alone; it ends where the bytes do, so it is good only where nothing is around it.
[[nodiscard]] bool IsOneTerm(std::span<const uint8_t> bytes, bool local_is_good);

}  // namespace beamlink
