// ETF → decode tape for all that is no tuple, list or map.
#pragma once

#include <cstdint>

#include "etf/atoms.h"
#include "etf/tape_buffer.h"
#include "etf/term_cursor.h"

namespace beamlink {

//   thread: that of the table of atoms
class LeafDecoder {
 public:
  // All outlive the decoder.
  LeafDecoder(TermCursor* in, AtomTable* atoms, TapeBuffer* tape)
      : in_(in), atoms_(atoms), tape_(tape) {}

  // Appends the term whose tag is next. False when it is none of ours or malformed: the cursor's
  // status tells.
  [[nodiscard]] bool Read(uint8_t tag);
  // LOCAL_EXT, which reaches to the end of the bytes.
  [[nodiscard]] bool Local();
  // The numbers of a STRING_EXT as elements of a list around it.
  [[nodiscard]] bool StringElements(uint32_t* count);

 private:
  bool Integer();
  bool Big();
  bool Float();
  bool Atom();
  bool Binary();
  bool AtomNamed(const AtomRange& atom);
  bool String();
  bool Bitstring();
  bool Nil();
  bool Pid();
  bool Port();
  bool Ref();
  bool Fun();
  bool Export();

  TermCursor* const in_;
  AtomTable* const atoms_;
  TapeBuffer* const tape_;
};

}  // namespace beamlink
