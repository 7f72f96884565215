// ETF bytes → decode tape (tape.h). Never reads past the given bytes, whatever they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "etf/atoms.h"
#include "etf/atoms_met.h"
#include "etf/tape.h"
#include "etf/tape_buffer.h"

namespace beamlink {

class LeafDecoder;
class TermCursor;

// Decodes terms one after the other onto one tape. Reused for many terms: it keeps its memory.
//
// What is not kept as it came: tags of the same value (all atoms, old pids, old floats, bit
// binaries of whole bytes, integers written longer than needed) give the same op; a list whose
// tail is a list becomes one list, as it is in Erlang.
// LOCAL_EXT is a format of its writer's own and says of no length, so it is taken only at the top
// of a term, and then it is all that is left of `bytes`.
//   thread: one
class TapeDecoder {
 public:
  // `atoms` outlives the decoder. A term may have `max_depth` containers within each other.
  TapeDecoder(AtomTable* atoms, uint32_t max_depth) : atoms_(atoms), max_depth_(max_depth) {}

  // What is told of the atoms of the terms that follow; null for nothing.
  void Meet(AtomsMet* met) {
    met_ = met;
    if (met != nullptr) met->Enter(atoms_->generation());
  }
  // Empties the tape.
  void Reset() { tape_.Clear(); }
  // The same, and has the tape written into `block` if it fits there; that outlives the tape.
  void ResetInto(std::span<int32_t> block) { tape_.ClearInto(block); }
  // Appends the term at `*index` of `bytes` (without version byte); `*index` moves behind it.
  // Ranges on the tape count from the start of `bytes`, which must be below 2 GiB (kTooLarge). On
  // error the tape is as it was before and `*index` tells where the bytes went wrong.
  Status Term(std::span<const uint8_t> bytes, size_t* index);
  // Appends values that are not ETF, for events made on this side.
  //   requires: |value| <= 2^53
  void Int(int64_t value);
  // The name stands at `offset` of the body that will go with this tape too: it is read there when
  // the table of atoms is full.
  void Atom(std::string_view utf8, size_t offset);
  void Binary(size_t offset, size_t length);  // of the body that will go with this tape
  // Ends one tape (kStop); another may follow it.
  void Stop() { tape_.Push(kStop); }

  std::span<const int32_t> tape() const { return tape_.words(); }
  // The memory that the values take in JavaScript, roughly, without that of their bytes.
  size_t weight() const { return tape_.size() * kWeightOfWord + tape_.weighed(); }

 private:
  // Measured: lists and tuples of small values take 11 to 16 bytes for each word, and as much again
  // that the collector has not taken yet.
  static constexpr size_t kWeightOfWord = 32;
  // What each of kBinaryPairs weighs besides its words: together as much as its parts by
  // themselves.
  static constexpr size_t kWeightOfPair = 4 * kWeightOfWord;

  // A container that waits for `left` more values; `op` closes it with `count`.
  struct Frame {
    TapeOp op;
    uint32_t left;
    uint32_t count;
  };

  class Run;

  // The value of the root with all that is in it.
  bool Values(TermCursor* in, LeafDecoder* leaves);
  // What `Run` leaves to others: one value, or more if they are numbers, or the end of a list.
  bool Rare(TermCursor* in, LeafDecoder* leaves, Frame* frame);
  bool ListTail(TermCursor* in, LeafDecoder* leaves, Frame* frame);
  // Makes the container around the innermost the innermost.
  void Leave(Frame* frame) {
    *frame = frames_.back();
    frames_.pop_back();
  }

  bool IsMet(int32_t id) const { return met_ == nullptr || met_->Knows(id); }

  AtomTable* const atoms_;
  const uint32_t max_depth_;
  AtomsMet* met_ = nullptr;
  TapeBuffer tape_;
  std::vector<Frame> frames_;  // around the innermost
};

}  // namespace beamlink
