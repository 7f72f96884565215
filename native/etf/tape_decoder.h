// ETF bytes → decode tape (tape.h). Never reads past the given bytes, whatever they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "etf/atoms.h"
#include "etf/tape.h"

namespace beamlink {

// Decodes terms one after the other onto one tape. Reused for many terms: it keeps its memory.
//   thread: one
class TapeDecoder {
 public:
  // `atoms` outlives the decoder.
  TapeDecoder(AtomTable* atoms, uint32_t max_depth);

  // Empties the tape.
  void Reset();
  // Appends the term at `*index` of `bytes` (without version byte); `*index` moves behind it.
  // Ranges on the tape count from the start of `bytes`. On error the tape is as it was before and
  // `*index` tells where the bytes went wrong.
  Status Term(std::span<const uint8_t> bytes, size_t* index);
  // Appends values that are not ETF, for events made on this side.
  void Int(int64_t value);
  void Atom(std::string_view utf8);
  void Binary(size_t offset, size_t length);  // of the body that will go with this tape
  // Ends one tape (kStop); another may follow it.
  void Stop();

  std::span<const int32_t> tape() const { return {tape_.data(), tape_.size()}; }

 private:
  AtomTable* const atoms_;
  const uint32_t max_depth_;
  std::vector<int32_t> tape_;
};

}  // namespace beamlink
