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
  // Each moves `*at` on and appends what it has passed to `copy`, a tape of its own: one op, with
  // the number of values it leaves; words; one tape, kStop passed but not copied.
  bool Step(size_t* at, ptrdiff_t* values, std::vector<int32_t>* copy) const;
  void Copy(size_t from, size_t to, std::vector<int32_t>* copy) const;
  bool ReadTape(size_t* at, ptrdiff_t* values, std::vector<int32_t>* copy) const;
  std::string TextOf(std::span<const int32_t> tape) const;

  const std::span<const int32_t> ops_;
  const std::span<const uint8_t> body_;
  const AtomTable& atoms_;
  std::vector<int32_t> fields_;
  std::vector<int32_t> payload_;
  size_t field_count_ = 0;
  bool has_payload_ = false;
  bool whole_ = false;
};

// The text of one term in ETF, without version byte. Empty when the bytes are no term.
std::string TermText(std::span<const uint8_t> etf);

}  // namespace beamlink::test
