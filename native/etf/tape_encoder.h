// Encode tape (tape.h) → ETF bytes, with ei.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "etf/atoms.h"
#include "etf/ei_buffer.h"
#include "etf/tape.h"

namespace beamlink {

// The ops stand at an 8-byte boundary. Several tapes may share them: this one begins at word
// `start`, an even one, and where it mentions words and text it counts from the beginning of all.
struct EncodeTape {
  std::span<const int32_t> ops;
  std::span<const uint8_t> text;
  std::span<const std::span<const uint8_t>> shared;
  size_t start = 0;
};

// Where in the output a shared byte array belongs: after `offset` bytes of the buffer.
struct Splice {
  size_t offset;
  std::span<const uint8_t> bytes;
};

class LeafEncoder;
class OpCursor;

//   thread: one
class TapeEncoder {
 public:
  // `book` outlives the encoder.
  explicit TapeEncoder(const AtomBook* book) : book_(book) {}

  // Appends the value at word `*at` of the tape to `out` (no version byte); `*at` moves behind it.
  // With `splices`, shared byte arrays are not copied but noted there, and `out` holds only their
  // BINARY_EXT headers; without, they are copied.
  // A tape that does not keep to its grammar gives kMalformed and never reads or writes outside;
  // `out`, `splices` and `*at` are then as they were before. No part of a tape may be read twice
  // in one value, so that jumps neither loop nor multiply.
  Status Value(const EncodeTape& tape, size_t* at, EiBuffer* out, std::vector<Splice>* splices);

 private:
  // What is open around the value being read: `left` more values, then `op` closes it.
  struct Frame {
    TapeOp op;
    uint32_t left;
    size_t resume;  // kJump: the word behind the jump
  };
  class Run;

  bool Values(OpCursor* in, LeafEncoder* leaves, EiBuffer* out);
  // What `Run` leaves to others: one value, or more if they are numbers.
  bool Rare(OpCursor* in, LeafEncoder* leaves, EiBuffer* out, Frame* frame);
  // The header of a container of `count` parts has been written.
  void Enter(TapeOp op, uint32_t count, Frame* frame);
  // Makes the container around the innermost the innermost.
  void Leave(Frame* frame) {
    *frame = frames_.back();
    frames_.pop_back();
  }

  const AtomBook* const book_;
  std::vector<Frame> frames_;  // around the innermost
};

}  // namespace beamlink
