// ETF → decode tape for all that is no tuple, list or map.
#pragma once

#include <cstdint>
#include <string_view>

#include "etf/atoms.h"
#include "etf/atoms_met.h"
#include "etf/tape_buffer.h"
#include "etf/term_cursor.h"

namespace beamlink {

//   thread: that of the table of atoms
class LeafDecoder {
 public:
  // All outlive the decoder. `met` is told of the atoms that it does not know; null for none.
  LeafDecoder(TermCursor* in, AtomTable* atoms, AtomsMet* met, TapeBuffer* tape)
      : in_(in), atoms_(atoms), met_(met), tape_(tape) {}

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
  void Meet(int32_t id, std::string_view name);
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
  AtomsMet* const met_;
  TapeBuffer* const tape_;
};

}  // namespace beamlink
