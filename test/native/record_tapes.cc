#include "record_tapes.h"

#include "etf/tape.h"
#include "etf/tape_decoder.h"
#include "etf/tape_values.h"

namespace beamlink::test {
namespace {

struct Shape {
  size_t words;      // behind the op, without doubles
  ptrdiff_t values;  // pushed less popped
};

bool IsList(int32_t op) {
  return op == kWides || op == kFloats || op == kListWides || op == kListFloats;
}

size_t DoublesOf(int32_t op, ptrdiff_t count) {
  if (IsList(op)) return static_cast<size_t>(count);
  return op == kWide || op == kFloat ? 1 : 0;
}

// `count` is the op's first word.
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
    case kBinaryPairs:
      return {1 + 4 * static_cast<size_t>(count), count};
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
    case kListWides:
    case kListFloats:
    case kWide:
    case kFloat:
      return {IsList(op) ? 1u : 0u, 1};
    case kWides:
    case kFloats:
      return {1, count};
    default:
      return {SIZE_MAX, 0};
  }
}

}  // namespace

RecordTapes::RecordTapes(std::span<const int32_t> ops, std::span<const uint8_t> body,
                         const AtomTable& atoms)
    : ops_(ops), body_(body), atoms_(atoms) {
  size_t at = 0;
  ptrdiff_t values = 0;
  if (!ReadTape(&at, &values, &fields_)) return;
  field_count_ = static_cast<size_t>(values);
  has_payload_ = at < ops.size();
  values = 0;
  whole_ = !has_payload_ || (ReadTape(&at, &values, &payload_) && values == 1 && at == ops.size());
}

bool RecordTapes::Step(size_t* at, ptrdiff_t* values, std::vector<int32_t>* copy) const {
  const int32_t op = ops_[*at];
  const ptrdiff_t count = *at + 1 < ops_.size() ? ops_[*at + 1] : 0;
  const Shape shape = ShapeOf(op, count);
  if (shape.words >= ops_.size() - *at) return false;
  const size_t doubles_at = *at + 1 + shape.words;
  Copy(*at, doubles_at, copy);
  *at = doubles_at;
  *values += shape.values;
  const size_t doubles = DoublesOf(op, count);
  if (doubles == 0) return true;
  // Doubles stand at even words of the ops, and of the copy.
  *at += *at % 2;
  copy->resize(copy->size() + copy->size() % 2);
  if (*at > ops_.size() || 2 * doubles > ops_.size() - *at) return false;
  Copy(*at, *at + 2 * doubles, copy);
  *at += 2 * doubles;
  return true;
}

void RecordTapes::Copy(size_t from, size_t to, std::vector<int32_t>* copy) const {
  copy->insert(copy->end(), ops_.begin() + static_cast<ptrdiff_t>(from),
               ops_.begin() + static_cast<ptrdiff_t>(to));
}

bool RecordTapes::ReadTape(size_t* at, ptrdiff_t* values, std::vector<int32_t>* copy) const {
  while (*at < ops_.size() && ops_[*at] != kStop) {
    if (!Step(at, values, copy)) return false;
  }
  return (*at)++ < ops_.size() && *values >= 0;
}

std::string RecordTapes::FieldsText() const {
  if (!whole_) return "";
  std::vector<int32_t> tape = fields_;
  tape.insert(tape.end(), {kTuple, static_cast<int32_t>(field_count_), kStop});
  return TextOf(tape);
}

std::string RecordTapes::PayloadText() const {
  if (!whole_ || !has_payload_) return "";
  std::vector<int32_t> tape = payload_;
  tape.push_back(kStop);
  return TextOf(tape);
}

std::string RecordTapes::TextOf(std::span<const int32_t> tape) const {
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
