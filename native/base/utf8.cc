#include "base/utf8.h"

#include <cstdint>

namespace beamlink {
namespace {

// What may follow a lead byte (Unicode, table 3-7). The second byte's range keeps out overlong
// forms, surrogates and what lies above U+10FFFF; later bytes are always 80..BF.
struct Sequence {
  uint8_t length;  // 0: no lead byte
  uint8_t second_low;
  uint8_t second_high;
};

constexpr Sequence SequenceOf(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool IsContinuation(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

// The length of the well-formed sequence at the start of `text`, 0 if there is none.
size_t WellFormed(std::string_view text) {
  const Sequence sequence = SequenceOf(static_cast<uint8_t>(text[0]));
  if (sequence.length <= 1) return sequence.length;
  if (text.size() < sequence.length) return 0;
  const auto second = static_cast<uint8_t>(text[1]);
  if (second < sequence.second_low || second > sequence.second_high) return 0;
  for (size_t i = 2; i < sequence.length; i++) {
    if (!IsContinuation(text[i])) return 0;
  }
  return sequence.length;
}

}  // namespace

ptrdiff_t Utf8Length(std::string_view text) {
  ptrdiff_t characters = 0;
  while (!text.empty()) {
    const size_t length = WellFormed(text);
    if (length == 0) return -1;
    text.remove_prefix(length);
    characters++;
  }
  return characters;
}

}  // namespace beamlink
