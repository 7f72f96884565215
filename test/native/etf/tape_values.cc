#include "etf/tape_values.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace beamlink {
namespace {

size_t EvenWord(size_t word) {
  return word + (word & 1);
}

std::string Hex(std::span<const uint8_t> bytes) {
  std::string text;
  char digits[3];
  for (const uint8_t byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// Words behind an op that carries neither a list of words nor a double.
size_t WordCount(int32_t op) {
  switch (op) {
    case kNil:
    case kExport:
      return 0;
    case kInt:
    case kAtom:
    case kList:
    case kTuple:
    case kImproper:
    case kMap:
      return 1;
    case kBinary:
    case kString:
    case kLocal:
      return 2;
    default:
      return 3;  // kBig, kAtomText, kBits, kPid, kPort, kFun
  }
}

std::vector<uint8_t> Utf8OfLatin1(std::span<const uint8_t> latin1) {
  std::vector<uint8_t> utf8;
  for (const uint8_t character : latin1) {
    if (character < 0x80) {
      utf8.push_back(character);
    } else {
      utf8.push_back(static_cast<uint8_t>(0xC0 | character >> 6));
      utf8.push_back(static_cast<uint8_t>(0x80 | (character & 0x3F)));
    }
  }
  return utf8;
}

void AppendDouble(double number, std::vector<int32_t>* to) {
  to->resize(EvenWord(to->size()) + 2);
  std::memcpy(to->data() + to->size() - 2, &number, sizeof number);
}

void AppendRange(std::span<const uint8_t> bytes, EncodeTapeMemory* to) {
  to->ops.push_back(static_cast<int32_t>(to->text.size()));
  to->ops.push_back(static_cast<int32_t>(bytes.size()));
  to->text.insert(to->text.end(), bytes.begin(), bytes.end());
}

}  // namespace

bool TapeValues::Read(std::span<const int32_t> tape, std::span<const uint8_t> body,
                      const AtomTable& atoms) {
  atoms_ = &atoms;
  body_ = body;
  values_.clear();
  stack_.clear();
  size_t at = 0;
  while (at < tape.size() && tape[at] != kStop) {
    if (!Op(tape, &at)) return false;
  }
  return at + 1 == tape.size() && stack_.size() == 1;
}

bool TapeValues::Op(std::span<const int32_t> tape, size_t* at) {
  const int32_t op = tape[(*at)++];
  switch (op) {
    case kInts:
    case kListInts:
    case kWide:
    case kWides:
    case kListWides:
    case kFloat:
    case kFloats:
    case kListFloats:
      return Numbers(op, tape, at);
    case kRef:
    case kList:
    case kTuple:
    case kImproper:
    case kMap:
      return Group(op, tape, at);
    case kBinaryPairs:
      return BinaryPairs(tape, at);
    default:
      return op >= kInt && op <= kLocal && Scalar(op, tape, at);
  }
}

bool TapeValues::Numbers(int32_t op, std::span<const int32_t> tape, size_t* at) {
  size_t count = 1;
  if (op != kWide && op != kFloat) {
    if (*at >= tape.size() || tape[*at] < 1) return false;
    count = static_cast<size_t>(tape[(*at)++]);
  }
  const bool doubles = op >= kWide;
  if (doubles) *at = EvenWord(*at);
  const size_t words = count * (doubles ? 2 : 1);
  if (*at > tape.size() || words > tape.size() - *at) return false;
  for (size_t i = 0; i < count; i++) {
    TapeValue value;
    value.op = op >= kFloat ? kFloat : doubles ? kWide : kInt;
    if (doubles) {
      std::memcpy(&value.number, tape.data() + *at + i * 2, sizeof value.number);
    } else {
      value.words = {tape[*at + i]};
    }
    Push(value);
  }
  *at += words;
  if (op != kListInts && op != kListWides && op != kListFloats) return true;
  TapeValue list;
  list.op = kList;
  if (!Pop(count, &list)) return false;
  Push(list);
  return true;
}

bool TapeValues::BinaryPairs(std::span<const int32_t> tape, size_t* at) {
  if (*at >= tape.size() || tape[*at] < 1) return false;
  const int32_t count = tape[(*at)++];
  for (int32_t i = 0; i < count; i++) {
    if (!Scalar(kBinary, tape, at) || !Scalar(kBinary, tape, at)) return false;
    TapeValue pair;
    pair.op = kTuple;
    if (!Pop(2, &pair)) return false;
    Push(pair);
  }
  return true;
}

bool TapeValues::Scalar(int32_t op, std::span<const int32_t> tape, size_t* at) {
  const size_t count = WordCount(op);
  if (count > tape.size() - *at) return false;
  const auto words = tape.subspan(*at, count);
  *at += count;
  TapeValue value;
  value.op = op;
  value.words.assign(words.begin(), words.end());
  const bool has_range = op == kBig || op == kAtomText || op == kBinary || op == kBits ||
                         op == kString || op == kFun || op == kLocal;
  if (has_range) {
    if (!Range(words[0], words[1], &value)) return false;
    value.words.erase(value.words.begin(), value.words.begin() + 2);
  }
  if (op == kAtomText && value.words[0] == 1) {
    value.bytes = Utf8OfLatin1(value.bytes);
    value.words[0] = 0;
  }
  if (op == kAtom) {
    const std::string_view name =
        atoms_->Name(static_cast<uint32_t>(words[0]), atoms_->generation());
    value.bytes.assign(name.begin(), name.end());
  }
  const size_t parts = op == kPid || op == kPort ? 1 : op == kFun || op == kExport ? 3 : 0;
  if (!Pop(parts, &value)) return false;
  Push(value);
  return true;
}

bool TapeValues::Group(int32_t op, std::span<const int32_t> tape, size_t* at) {
  if (*at >= tape.size() || tape[*at] < 0) return false;
  const auto count = static_cast<size_t>(tape[(*at)++]);
  TapeValue value;
  value.op = op;
  size_t parts = op == kMap ? count * 2 : op == kImproper ? count + 1 : count;
  if (op == kRef) {
    parts = 1;
    if (count < 1 || count > 5 || count + 1 > tape.size() - *at) return false;
    value.words.assign(tape.begin() + static_cast<ptrdiff_t>(*at),
                       tape.begin() + static_cast<ptrdiff_t>(*at + count + 1));
    *at += count + 1;
  }
  if (!Pop(parts, &value)) return false;
  Push(value);
  return true;
}

bool TapeValues::Range(int32_t offset, int32_t length, TapeValue* value) const {
  if (offset < 0 || length < 0) return false;
  const auto from = static_cast<size_t>(offset);
  const auto size = static_cast<size_t>(length);
  if (from > body_.size() || size > body_.size() - from) return false;
  const auto bytes = body_.subspan(from, size);
  value->bytes.assign(bytes.begin(), bytes.end());
  return true;
}

bool TapeValues::Pop(size_t count, TapeValue* value) {
  if (count > stack_.size()) return false;
  value->parts.assign(stack_.end() - static_cast<ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return true;
}

void TapeValues::Push(TapeValue value) {
  stack_.push_back(static_cast<uint32_t>(values_.size()));
  values_.push_back(std::move(value));
}

std::string TapeValues::TextOf(const TapeValue& value) const {
  static const char* const kNames[] = {
      "stop",  "int",      "",     "",     "int",    "",     "",     "float",  "",
      "",      "big",      "atom", "atom", "binary", "bits", "list", "list",   "list",
      "tuple", "improper", "map",  "pid",  "port",   "ref",  "fun",  "export", "local"};
  std::string text = kNames[value.op];
  char number[64] = "";
  if (value.op == kWide) std::snprintf(number, sizeof number, " %.0f", value.number);
  if (value.op == kFloat) std::snprintf(number, sizeof number, " %a", value.number);
  text += number;
  if (value.op == kString) {
    text += " " + std::to_string(value.bytes.size());
    for (const uint8_t byte : value.bytes)
      text += " int " + std::to_string(byte);
    return text + " ";
  }
  if (value.op == kNil || value.op == kList || value.op == kTuple || value.op == kMap ||
      value.op == kImproper) {
    text += " " + std::to_string(value.parts.size());
  } else if (value.op != kAtom && value.op != kAtomText) {
    for (const int32_t word : value.words)
      text += " " + std::to_string(word);
  }
  std::vector<uint8_t> bytes = value.bytes;
  // The bits of the last byte that do not count may be anything.
  if (value.op == kBits) bytes.back() &= static_cast<uint8_t>(0xFF00 >> value.words[0]);
  if (!bytes.empty()) text += " " + Hex(bytes);
  return text + " ";
}

std::string TapeValues::Text() const {
  std::string text;
  std::vector<uint32_t> open = {stack_.front()};
  while (!open.empty()) {
    const TapeValue& value = values_[open.back()];
    open.pop_back();
    text += TextOf(value);
    open.insert(open.end(), value.parts.rbegin(), value.parts.rend());
  }
  return text;
}

void TapeValues::EncodeOne(const TapeValue& value, EncodeTapeMemory* to) const {
  const int32_t op = value.op == kAtom ? kAtomText : value.op;
  to->ops.push_back(op == kFun || op == kLocal ? kRaw : op);
  switch (op) {
    case kWide:
    case kFloat:
      return AppendDouble(value.number, &to->ops);
    case kList:
    case kTuple:
      to->ops.push_back(static_cast<int32_t>(value.parts.size()));
      return;
    case kImproper:
      to->ops.push_back(static_cast<int32_t>(value.parts.size() - 1));
      return;
    case kMap:
      to->ops.push_back(static_cast<int32_t>(value.parts.size() / 2));
      return;
    case kRef:
      to->ops.push_back(static_cast<int32_t>(value.words.size() - 1));
      break;
    case kAtomText:
    case kFun:
      return AppendRange(value.bytes, to);
    case kBig:
    case kBinary:
    case kBits:
    case kString:
    case kLocal:
      AppendRange(value.bytes, to);
      break;
    default:
      break;
  }
  to->ops.insert(to->ops.end(), value.words.begin(), value.words.end());
}

EncodeTapeMemory TapeValues::Encode() const {
  EncodeTapeMemory tape;
  std::vector<uint32_t> open = {stack_.front()};
  while (!open.empty()) {
    const TapeValue& value = values_[open.back()];
    open.pop_back();
    EncodeOne(value, &tape);
    if (value.op != kFun) open.insert(open.end(), value.parts.rbegin(), value.parts.rend());
  }
  return tape;
}

bool TapeValues::HasIntegerOf28To32Bits() const {
  return std::any_of(values_.begin(), values_.end(), [](const TapeValue& value) {
    constexpr int32_t kLimit = 1 << 27;
    return value.op == kInt && (value.words[0] >= kLimit || value.words[0] < -kLimit);
  });
}

}  // namespace beamlink
