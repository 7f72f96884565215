#include "etf/leaf_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <ei.h>

#include "base/big_endian.h"
#include "etf/atom_writer.h"
#include "etf/ei_bounds.h"
#include "etf/tags.h"
#include "etf/term_skip.h"

namespace beamlink {
namespace {

double DoubleAt(const int32_t* words) {
  double value = 0;
  std::memcpy(&value, words, sizeof value);
  return value;
}

}  // namespace

bool LeafEncoder::Write(int32_t op) {
  switch (op) {
    case kInt:
      return Int();
    case kAtom:
      return Atom();
    case kKey:
      return Key();
    case kBinary:
      return Binary();
    case kWide:
      return Wides(1);
    case kFloat:
      return Floats(1);
    case kBig:
      return Big();
    case kAtomText:
      return AtomText();
    case kShared:
      return Shared();
    case kBits:
      return Bits();
    case kString:
      return String();
    case kPid:
      return Pid();
    case kPort:
      return Port();
    case kRef:
      return Ref();
    case kExport:
      return Export();
    default:
      return false;
  }
}

bool LeafEncoder::WriteNumbers(int32_t op, uint32_t limit, uint32_t* count) {
  int32_t number = 0;
  if (!in_->Word(&number) || number < 0 || static_cast<uint32_t>(number) > limit) return false;
  *count = static_cast<uint32_t>(number);
  if (op == kInts) return Ints(*count);
  return op == kWides ? Wides(*count) : Floats(*count);
}

bool LeafEncoder::Int() {
  int32_t value = 0;
  return in_->Word(&value) && Integer(value);
}

bool LeafEncoder::Integer(int64_t value) {
  return out_->Write(kInt64Bound, [value](char* buf, int* index) {
    return ei_encode_longlong(buf, index, value);
  });
}

bool LeafEncoder::Ints(uint32_t count) {
  const int32_t* values = nullptr;
  if (!in_->Words(count, &values)) return false;
  return out_->WriteMany(count, kInt32Bound, [values](size_t i, char* buf, int* index) {
    return ei_encode_long(buf, index, values[i]);
  });
}

bool LeafEncoder::Wides(uint32_t count) {
  const int32_t* words = nullptr;
  if (!in_->Doubles(count, &words)) return false;
  return out_->WriteMany(count, kInt64Bound, [words](size_t i, char* buf, int* index) {
    constexpr double kLimit = 9223372036854775808.0;  // 2^63
    const double value = DoubleAt(words + i * 2);
    if (!(std::fabs(value) < kLimit) || value != std::trunc(value)) return -1;
    return ei_encode_longlong(buf, index, static_cast<int64_t>(value));
  });
}

bool LeafEncoder::Floats(uint32_t count) {
  const int32_t* words = nullptr;
  if (!in_->Doubles(count, &words)) return false;
  return out_->WriteMany(count, kDoubleBound, [words](size_t i, char* buf, int* index) {
    const double value = DoubleAt(words + i * 2);
    // Whether ei refuses what Erlang cannot read depends on how it was built.
    return std::isfinite(value) ? ei_encode_double(buf, index, value) : -1;
  });
}

bool LeafEncoder::Big() {
  std::span<const uint8_t> bytes;
  int32_t negative = 0;
  if (!in_->Text(&bytes) || !in_->Word(&negative)) return false;
  while (!bytes.empty() && bytes.back() == 0)
    bytes = bytes.first(bytes.size() - 1);
  if (bytes.empty()) return Integer(0);
  if (bytes.size() > kMaxEiBytes) return false;
  // ei wants digits of 16 bits.
  std::vector<uint16_t> digits((bytes.size() + 1) / 2);
  for (size_t i = 0; i < bytes.size(); i++) {
    digits[i / 2] = static_cast<uint16_t>(digits[i / 2] | bytes[i] << (i % 2 * 8));
  }
  erlang_big big{static_cast<unsigned>(bytes.size()), negative != 0 ? 1 : 0, digits.data()};
  return out_->Write(kLargeBigHeader + bytes.size(),
                     [&big](char* buf, int* index) { return ei_encode_big(buf, index, &big); });
}

bool LeafEncoder::Atom() {
  int32_t id = 0;
  return in_->Word(&id) && Known(book_->Encoded(static_cast<uint32_t>(id)));
}

bool LeafEncoder::Key() {
  int32_t id = 0;
  return in_->Word(&id) && Known(book_->EncodedKey(static_cast<uint32_t>(id)));
}

bool LeafEncoder::Known(std::span<const uint8_t> encoded) {
  out_->Append(encoded);
  return !encoded.empty();
}

bool LeafEncoder::AtomText() {
  std::span<const uint8_t> text;
  return in_->Text(&text) &&
         WriteAtom({reinterpret_cast<const char*>(text.data()), text.size()}, out_);
}

bool LeafEncoder::AtomOf(int32_t op) {
  if (op == kAtom) return Atom();
  return op == kAtomText && AtomText();
}

bool LeafEncoder::Binary() {
  std::span<const uint8_t> bytes;
  return in_->Text(&bytes) && Bytes(bytes);
}

bool LeafEncoder::Bytes(std::span<const uint8_t> bytes) {
  if (bytes.size() > kMaxEiBytes) return false;
  return out_->Write(kBinaryHeader + bytes.size(), [bytes](char* buf, int* index) {
    const void* from = bytes.empty() ? buf : static_cast<const void*>(bytes.data());
    return ei_encode_binary(buf, index, from, static_cast<long>(bytes.size()));
  });
}

bool LeafEncoder::Shared() {
  int32_t i = 0;
  const auto& shared = in_->tape().shared;
  if (!in_->Word(&i) || i < 0 || static_cast<size_t>(i) >= shared.size()) return false;
  const std::span<const uint8_t> bytes = shared[static_cast<size_t>(i)];
  if (splices_ == nullptr) return Bytes(bytes);
  if (bytes.size() > UINT32_MAX) return false;
  // ei writes no header without copying what follows.
  uint8_t* header = out_->Reserve(kBinaryHeader);
  header[0] = kTagBinary;
  StoreU32(header + 1, static_cast<uint32_t>(bytes.size()));
  out_->Advance(kBinaryHeader);
  if (!bytes.empty()) splices_->push_back({out_->size(), bytes});
  return true;
}

bool LeafEncoder::Bits() {
  std::span<const uint8_t> bytes;
  int32_t bits = 0;
  if (!in_->Text(&bytes) || !in_->Word(&bits)) return false;
  if (bits < 1 || bits > 7 || bytes.empty() || bytes.size() > kMaxEiBytes) return false;
  const size_t bit_count = (bytes.size() - 1) * 8 + static_cast<size_t>(bits);
  return out_->Write(kBitsHeader + bytes.size(), [&](char* buf, int* index) {
    return ei_encode_bitstring(buf, index, reinterpret_cast<const char*>(bytes.data()), 0,
                               bit_count);
  });
}

bool LeafEncoder::String() {
  std::span<const uint8_t> bytes;
  // ei writes more than 65535 characters as a list of integers, of two bytes each.
  if (!in_->Text(&bytes) || bytes.size() > kMaxEiBytes / 2) return false;
  const size_t bound = bytes.size() > UINT16_MAX ? 6 + bytes.size() * 2 : 3 + bytes.size();
  return out_->Write(bound, [bytes](char* buf, int* index) {
    return ei_encode_string_len(buf, index, reinterpret_cast<const char*>(bytes.data()),
                                static_cast<int>(bytes.size()));
  });
}

bool LeafEncoder::NodeName(char* node, size_t* length) {
  int32_t op = 0;
  if (!in_->Word(&op)) return false;
  const size_t before = out_->size();
  if (!AtomOf(op)) return false;
  const std::span<const uint8_t> encoded = out_->bytes().subspan(before);
  const auto name = encoded.subspan(encoded[0] == kTagSmallAtomUtf8 ? 2 : 3);
  // ei takes the name as a C string.
  const bool whole = name.empty() || std::memchr(name.data(), 0, name.size()) == nullptr;
  if (whole && !name.empty()) std::memcpy(node, name.data(), name.size());
  node[name.size()] = '\0';
  *length = name.size();
  out_->Truncate(before);
  return whole;
}

bool LeafEncoder::Pid() {
  const int32_t* words = nullptr;
  erlang_pid pid;
  size_t length = 0;
  if (!in_->Words(3, &words) || !NodeName(pid.node, &length)) return false;
  pid.num = static_cast<unsigned>(words[0]);
  pid.serial = static_cast<unsigned>(words[1]);
  pid.creation = static_cast<unsigned>(words[2]);
  return out_->Write(1 + 3 + length + 12,
                     [&pid](char* buf, int* index) { return ei_encode_pid(buf, index, &pid); });
}

bool LeafEncoder::Port() {
  const int32_t* words = nullptr;
  erlang_port port;
  size_t length = 0;
  if (!in_->Words(3, &words) || !NodeName(port.node, &length)) return false;
  port.id = uint64_t{static_cast<uint32_t>(words[0])} << 32 | static_cast<uint32_t>(words[1]);
  port.creation = static_cast<unsigned>(words[2]);
  return out_->Write(1 + 3 + length + 12,
                     [&port](char* buf, int* index) { return ei_encode_port(buf, index, &port); });
}

bool LeafEncoder::Ref() {
  int32_t count = 0;
  const int32_t* words = nullptr;
  erlang_ref ref;
  size_t length = 0;
  if (!in_->Word(&count) || count < 1 || static_cast<uint32_t>(count) > kMaxRefWords) return false;
  const auto word_count = static_cast<size_t>(count);
  if (!in_->Words(word_count + 1, &words) || !NodeName(ref.node, &length)) return false;
  ref.len = count;
  std::memcpy(ref.n, words, word_count * sizeof ref.n[0]);
  ref.creation = static_cast<unsigned>(words[word_count]);
  return out_->Write(3 + 3 + length + 4 + word_count * 4,
                     [&ref](char* buf, int* index) { return ei_encode_ref(buf, index, &ref); });
}

// By parts: ei_encode_fun would cut names at a NUL.
bool LeafEncoder::Export() {
  out_->Push(kTagExport);
  int32_t op = 0;
  if (!in_->Word(&op) || !AtomOf(op)) return false;
  if (!in_->Word(&op) || !AtomOf(op)) return false;
  int32_t arity = 0;
  if (!in_->Word(&op) || op != kInt || !in_->Word(&arity)) return false;
  return arity >= 0 && arity <= 255 && Integer(arity);
}

bool LeafEncoder::WriteRaw(bool local_is_good) {
  std::span<const uint8_t> bytes;
  if (!in_->Text(&bytes)) return false;
  const bool good = IsOneTerm(bytes, local_is_good);
  raw_is_bad_ = !good;
  if (good) out_->Append(bytes);
  return good;
}

}  // namespace beamlink
