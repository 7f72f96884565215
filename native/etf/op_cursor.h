// Reads the words of an encode tape, none outside it and none twice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "etf/tape_encoder.h"

namespace beamlink {

// A step returns false when the tape ends before it.
class OpCursor {
 public:
  OpCursor(const EncodeTape& tape, size_t at)
      : tape_(&tape),
        begin_(tape.ops.data()),
        end_(begin_ + tape.ops.size()),
        next_(begin_ + std::min(at, tape.ops.size())),
        segment_(next_) {}

  const EncodeTape& tape() const { return *tape_; }
  size_t at() const { return static_cast<size_t>(next_ - begin_); }
  // Words from here to the end of the tape.
  size_t left() const { return static_cast<size_t>(end_ - next_); }

  std::span<const int32_t> rest() const { return {next_, left()}; }
  //   requires: count <= left()
  void Skip(size_t count) { next_ += count; }
  [[nodiscard]] bool Words(size_t count, const int32_t** words) {
    if (count > left()) return false;
    *words = next_;
    next_ += count;
    return true;
  }
  [[nodiscard]] bool Word(int32_t* word) {
    if (next_ == end_) return false;
    *word = *next_++;
    return true;
  }
  // `count` doubles as pairs of words, behind the padding that puts them at an even word.
  [[nodiscard]] bool Doubles(size_t count, const int32_t** words) {
    const int32_t* padding = nullptr;
    if ((at() & 1) != 0 && !Words(1, &padding)) return false;
    return count <= left() / 2 && Words(count * 2, words);
  }
  // The two words of a range, and the bytes of the text region they name.
  [[nodiscard]] bool Text(std::span<const uint8_t>* bytes) {
    const int32_t* words = nullptr;
    if (!Words(2, &words) || words[0] < 0 || words[1] < 0) return false;
    const auto offset = static_cast<size_t>(words[0]);
    const auto length = static_cast<size_t>(words[1]);
    if (offset > tape_->text.size() || length > tape_->text.size() - offset) return false;
    *bytes = tape_->text.subspan(offset, length);
    return true;
  }
  // Goes on at another word. False when that is outside, or when more words have been read than
  // the tape has: some of them twice.
  [[nodiscard]] bool MoveTo(size_t at) {
    read_ += static_cast<size_t>(next_ - segment_);
    if (at > tape_->ops.size() || read_ > tape_->ops.size()) return false;
    next_ = segment_ = begin_ + at;
    return true;
  }

 private:
  const EncodeTape* tape_;
  const int32_t* begin_;
  const int32_t* end_;
  const int32_t* next_;
  const int32_t* segment_;  // where reading went on last
  size_t read_ = 0;         // words before that
};

}  // namespace beamlink
