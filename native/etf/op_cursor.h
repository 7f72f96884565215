// Reads the words of an encode tape, none outside it and none twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "etf/tape_encoder.h"

namespace beamlink {

// A step returns false when the tape ends before it.
class OpCursor {
 public:
  OpCursor(const EncodeTape& tape, size_t at) : tape_(tape), at_(at), budget_(tape.ops.size()) {}

  size_t at() const { return at_; }
  // Words that may still be read. A value takes at least one.
  size_t budget() const { return budget_; }
  const EncodeTape& tape() const { return tape_; }

  [[nodiscard]] bool Words(size_t count, const int32_t** words) {
    const size_t size = tape_.ops.size();
    if (at_ > size || count > size - at_ || count > budget_) return false;
    *words = tape_.ops.data() + at_;
    at_ += count;
    budget_ -= count;
    return true;
  }
  [[nodiscard]] bool Word(int32_t* word) {
    const int32_t* words = nullptr;
    if (!Words(1, &words)) return false;
    *word = *words;
    return true;
  }
  // `count` doubles as pairs of words, behind the padding that puts them at an even word.
  [[nodiscard]] bool Doubles(size_t count, const int32_t** words) {
    const int32_t* padding = nullptr;
    if ((at_ & 1) != 0 && !Words(1, &padding)) return false;
    return count <= budget_ / 2 && Words(count * 2, words);
  }
  // The two words of a range, and the bytes of the text region they name.
  [[nodiscard]] bool Text(std::span<const uint8_t>* bytes) {
    const int32_t* words = nullptr;
    if (!Words(2, &words) || words[0] < 0 || words[1] < 0) return false;
    const auto offset = static_cast<size_t>(words[0]);
    const auto length = static_cast<size_t>(words[1]);
    if (offset > tape_.text.size() || length > tape_.text.size() - offset) return false;
    *bytes = tape_.text.subspan(offset, length);
    return true;
  }
  // Goes on at another word; any is taken here and proved by the next step.
  void MoveTo(size_t at) { at_ = at; }

 private:
  const EncodeTape& tape_;
  size_t at_;
  size_t budget_;
};

}  // namespace beamlink
