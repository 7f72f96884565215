// Encode tape → ETF for all that is no tuple, list or map.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "etf/op_cursor.h"

namespace beamlink {

class LeafEncoder {
 public:
  // All outlive the encoder; `splices` may be null (shared bytes are copied then).
  LeafEncoder(OpCursor* in, const AtomBook* book, EiBuffer* out, std::vector<Splice>* splices)
      : in_(in), book_(book), out_(out), splices_(splices) {}

  // Writes the value of an op that has been read. False when it is none of ours or malformed.
  [[nodiscard]] bool Write(int32_t op);
  // kRaw. A local term (LOCAL_EXT) is only good as a value of its own, not within another.
  [[nodiscard]] bool WriteRaw(bool local_is_good);
  // Whether bytes to be written as they are were no term: a fault of the user's, not of the tape.
  bool raw_is_bad() const { return raw_is_bad_; }
  // kInts, kWides or kFloats, up to `limit` of them; `*count` tells how many.
  [[nodiscard]] bool WriteNumbers(int32_t op, uint32_t limit, uint32_t* count);

 private:
  bool Int();
  bool Atom();
  bool Key();
  bool Binary();
  // What the book has for an id: nothing when the id is unknown.
  bool Known(std::span<const uint8_t> encoded);
  bool Integer(int64_t value);
  bool Ints(uint32_t count);
  bool Wides(uint32_t count);
  bool Floats(uint32_t count);
  bool Big();
  // The atom of an op that has been read; false for any other op.
  bool AtomOf(int32_t op);
  bool AtomText();
  bool Bytes(std::span<const uint8_t> bytes);
  bool Shared();
  bool Bits();
  bool String();
  bool Pid();
  bool Port();
  bool Ref();
  bool Export();
  // The name of the atom that comes next, as a C string in `node` of MAXATOMLEN_UTF8 bytes.
  bool NodeName(char* node, size_t* length);

  OpCursor* const in_;
  const AtomBook* const book_;
  EiBuffer* const out_;
  std::vector<Splice>* const splices_;
  bool raw_is_bad_ = false;
};

}  // namespace beamlink
