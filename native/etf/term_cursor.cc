#include "etf/term_cursor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <locale.h>
#include <stdlib.h>
#include <string>

#if __has_include(<xlocale.h>)
#include <xlocale.h>  // strtod_l on macOS
#endif

#include "base/utf8.h"

namespace beamlink {
namespace {

constexpr size_t kOldFloatText = 31;

// Whether all of `text` is a finite decimal number. A stream would do it too, and link 500 KiB of
// locales; std::from_chars is not everywhere.
bool ReadDecimal(const std::string& text, double* value) {
  static const locale_t kClassic = newlocale(LC_ALL_MASK, "C", nullptr);
  // strtod reads blanks, hexadecimal, infinities and NaN besides.
  const bool is_decimal = text.find_first_not_of("+-.0123456789Ee") == std::string::npos;
  if (!is_decimal || text.empty()) return false;
  char* end = nullptr;
  *value = strtod_l(text.c_str(), &end, kClassic);
  return end == text.data() + text.size() && std::isfinite(*value);
}

}  // namespace

bool TermCursor::TryBig(Magnitude* big) {
  size_t size = 0;
  const size_t header = BigSize(&size);
  if (header == 0) return false;
  int index = 0;
  long long value = 0;
  big->fits = ei_decode_longlong(ei_at(), &index, &value) == 0;
  big->value = value;
  big->negative = at_[header - 1] != 0;
  big->digits = {this->index() + header, size};
  while (big->digits.length > 0 && begin_[big->digits.offset + big->digits.length - 1] == 0) {
    big->digits.length--;
  }
  at_ += header + size;
  return true;
}

bool TermCursor::Float(double* value) {
  if (NextIs(kTagFloat)) return OldFloat(value);
  return TryNewFloat(value) || FailHere("no whole finite float");
}

// FLOAT_EXT: "%.20e" in 31 bytes, padded with NUL. ei_decode_double hands them to sscanf, which
// reads on past bytes that hold no NUL and obeys the process's locale.
bool TermCursor::OldFloat(double* value) {
  if (!Proves(kOldFloatText)) return false;
  const char* text = ei_at() + 1;
  if (!ReadDecimal(std::string(text, strnlen(text, kOldFloatText)), value)) {
    return FailHere("no float");
  }
  at_ += 1 + kOldFloatText;
  return true;
}

bool TermCursor::AtomName(const AtomRange& atom, char* name, size_t* length) {
  const std::string_view text = Text(atom.text);
  int index = 0;
  const char* encoded = reinterpret_cast<const char*>(begin_ + atom.start);
  if (ei_decode_atom_as(encoded, &index, name, MAXATOMLEN_UTF8, ERLANG_UTF8, nullptr, nullptr) !=
      0) {
    return FailHere("no atom");
  }
  *length = text.size();
  if (atom.latin1) {
    // Each Latin-1 character from 128 on takes two bytes in UTF-8.
    *length += static_cast<size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0x80) != 0; }));
    return true;
  }
  const ptrdiff_t characters = Utf8Length(text);
  if (characters < 0) return FailHere("an atom that is not UTF-8");
  if (characters > kMaxAtomCharacters) return FailHere("an atom of more than 255 characters");
  return true;
}

bool TermCursor::String(ByteRange* bytes) {
  if (!NextIs(kTagString) || !Proves(2)) return FailHere("no whole string");
  const size_t length = LoadU16(at_ + 1);
  if (!Proves(2 + length)) return false;
  int index = 0;
  if (ei_decode_string(ei_at(), &index, nullptr) != 0) return FailHere("no string");
  *bytes = {this->index() + 3, length};
  at_ += index;
  return true;
}

bool TermCursor::Bitstring(ByteRange* bytes, uint32_t* bits) {
  const size_t header = NextIs(kTagBitBinary) ? 5 : 4;
  if (!Proves(header)) return false;
  const size_t length = LoadU32(at_ + 1);
  if (!Proves(header + length)) return false;
  int index = 0;
  size_t bit_count = 0;
  if (ei_decode_bitstring(ei_at(), &index, nullptr, nullptr, &bit_count) != 0) {
    return FailHere("no bitstring");
  }
  *bytes = {this->index() + 1 + header, length};
  *bits = static_cast<uint32_t>(bit_count % 8);
  at_ += index;
  return true;
}

bool TermCursor::Local(ByteRange* bytes) {
  if (!NextIs(kTagLocal)) return FailHere("no local term");
  *bytes = {index(), left()};
  at_ = end_;
  return true;
}

bool TermCursor::Unknown(uint8_t tag) {
  switch (tag) {
    case kTagCompressed:
      return Fail(StatusCode::kUnsupported, "a compressed term that was not inflated");
    case kTagAtomCacheRef:
      return Fail(StatusCode::kUnsupported, "a reference to an atom cache");
    case kTagLocal:
      return Fail(StatusCode::kMalformed, "a local term within another");
    default:
      return FailHere("a tag that starts no term");
  }
}

}  // namespace beamlink
