#include "record_tapes.h"

#include "etf/tape.h"
#include "etf/tape_decoder.h"
#include "etf/tape_values.h"

namespace beamlink::test {
namespace {

struct Shape {
  size_t words;      // behind the op
  ptrdiff_t values;  // pushed less popped
};

// Of ops that carry no list of words. `count` is the op's first word.
Shape ShapeOf(int32_t op, ptrdiff_t count) {
  switch (op) {
    case kInt:
    case kAtom:
      return {1, 1};
    case kBinary:
    case kString:
    case kLocal:
      return {2, 1};
    case kBig:
    case kBits:
    case kAtomText:
      return {3, 1};
    case kNil:
      return {0, 1};
    case kList:
    case kTuple:
      return {1, 1 - count};
    case kImproper:
      return {1, -count};
    case kMap:
      return {1, 1 - 2 * count};
    case kPid:
    case kPort:
      return {3, 0};
    case kRef:
      return {2 + static_cast<size_t>(count), 0};
    case kFun:
      return {3, -2};
    case kExport:
      return {0, -2};
    case kInts:
      return {1 + static_cast<size_t>(count), count};
    case kListInts:
      return {1 + static_cast<size_t>(count), 1};
    default:
      return {SIZE_MAX, 0};  // doubles: no field is one
  }
}

}  // namespace

RecordTapes::RecordTapes(std::span<const int32_t> ops, std::span<const uint8_t> body,
                         const AtomTable& atoms)
    : ops_(ops), body_(body), atoms_(atoms) {
  ptrdiff_t values = 0;
  while (fields_end_ < ops.size() && ops[fields_end_] != kStop) {
    if (!Step(&fields_end_, &values)) return;
  }
  if (fields_end_ >= ops.size() || values < 0) return;
  field_count_ = static_cast<size_t>(values);
  has_payload_ = fields_end_ + 1 < ops.size();
  whole_ = !has_payload_ || ops.back() == kStop;
}

bool RecordTapes::Step(size_t* at, ptrdiff_t* values) const {
  const ptrdiff_t count = *at + 1 < ops_.size() ? ops_[*at + 1] : 0;
  const Shape shape = ShapeOf(ops_[*at], count);
  if (shape.words >= ops_.size() - *at) return false;
  *at += 1 + shape.words;
  *values += shape.values;
  return true;
}

std::string RecordTapes::FieldsText() const {
  if (!whole_) return "";
  std::vector<int32_t> tape(ops_.begin(), ops_.begin() + static_cast<ptrdiff_t>(fields_end_));
  tape.insert(tape.end(), {kTuple, static_cast<int32_t>(field_count_), kStop});
  return TextOf(std::move(tape));
}

std::string RecordTapes::PayloadText() const {
  if (!whole_ || !has_payload_) return "";
  return TextOf({ops_.begin() + static_cast<ptrdiff_t>(fields_end_) + 1, ops_.end()});
}

std::string RecordTapes::TextOf(std::vector<int32_t> tape) const {
  TapeValues values;
  return values.Read(tape, body_, atoms_) ? values.Text() : "";
}

std::string TermText(std::span<const uint8_t> etf) {
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 10000);
  size_t index = 0;
  if (!decoder.Term(etf, &index).ok()) return "";
  decoder.Stop();
  TapeValues values;
  return values.Read(decoder.tape(), etf, atoms) ? values.Text() : "";
}

}  // namespace beamlink::test
