// Strict UTF-8, as Erlang takes it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace beamlink {

// The number of characters, or -1 when `text` is not UTF-8.
ptrdiff_t Utf8Length(std::string_view text);

}  // namespace beamlink
