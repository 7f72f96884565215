// One atom as ETF.
#pragma once

#include <string_view>

#include "etf/ei_buffer.h"

namespace beamlink {

// Appends SMALL_ATOM_UTF8_EXT or ATOM_UTF8_EXT. False, and nothing written, when `utf8` is not
// UTF-8 or has more than 255 characters.
[[nodiscard]] bool WriteAtom(std::string_view utf8, EiBuffer* out);

}  // namespace beamlink
