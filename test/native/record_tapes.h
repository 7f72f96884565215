// The tapes of a record: the fields', and behind it perhaps the payload's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "etf/atoms.h"

namespace beamlink::test {

class RecordTapes {
 public:
  // `ops` and `body` are those of one record, which must outlive this.
  RecordTapes(std::span<const int32_t> ops, std::span<const uint8_t> body, const AtomTable& atoms);

  // Whether the ops are one tape or two, and nothing else.
  bool whole() const { return whole_; }
  size_t field_count() const { return field_count_; }
  // As TapeValues::Text; the fields as one tuple. Empty when the tape keeps to no grammar.
  std::string FieldsText() const;
  std::string PayloadText() const;

 private:
  // Steps over one op; counts the values it leaves.
  bool Step(size_t* at, ptrdiff_t* values) const;
  std::string TextOf(std::vector<int32_t> tape) const;

  const std::span<const int32_t> ops_;
  const std::span<const uint8_t> body_;
  const AtomTable& atoms_;
  size_t fields_end_ = 0;  // the word of their kStop
  size_t field_count_ = 0;
  bool has_payload_ = false;
  bool whole_ = false;
};

// The text of one term in ETF, without version byte. Empty when the bytes are no term.
std::string TermText(std::span<const uint8_t> etf);

}  // namespace beamlink::test
