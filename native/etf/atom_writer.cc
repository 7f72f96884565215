#include "etf/atom_writer.h"

#include <ei.h>

#include "base/utf8.h"
#include "etf/tags.h"

namespace beamlink {

bool WriteAtom(std::string_view utf8, EiBuffer* out) {
  // ei counts characters, but lets overlong forms and surrogates through.
  const ptrdiff_t characters = Utf8Length(utf8);
  if (characters < 0 || characters > kMaxAtomCharacters) return false;
  constexpr size_t kHeader = 3;
  return out->Write(kHeader + utf8.size(), [&](char* buf, int* index) {
    const char* text = utf8.empty() ? "" : utf8.data();
    return ei_encode_atom_len_as(buf, index, text, static_cast<int>(utf8.size()), ERLANG_UTF8,
                                 ERLANG_UTF8);
  });
}

}  // namespace beamlink
