// Reads a decode tape back into values, checks that it keeps to its grammar on the way, and writes
// them as an encode tape: the part of JavaScript, for tests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "etf/atoms.h"
#include "etf/tape.h"

namespace beamlink {

// Values lie in one vector and name their parts by index, so that depth costs no stack.
struct TapeValue {
  int32_t op = kStop;          // kInts, kBinaryPairs and the like are taken apart; kString is kept
  std::vector<int32_t> words;  // the op's own numbers, save ranges
  double number = 0;           // kWide, kFloat
  std::vector<uint8_t> bytes;  // of a range, or the UTF-8 of an atom
  std::vector<uint32_t> parts;
};

struct EncodeTapeMemory {
  std::vector<int32_t> ops;
  std::vector<uint8_t> text;
};

class TapeValues {
 public:
  // One value and kStop. False when the tape is no such thing.
  bool Read(std::span<const int32_t> tape, std::span<const uint8_t> body, const AtomTable& atoms);

  // The value as text, the same for terms that Erlang holds to be equal (=:=).
  std::string Text() const;
  // The value as an encode tape. Funs become kRaw, atoms kAtomText.
  EncodeTapeMemory Encode() const;
  // Whether an integer is in it that ei writes longer than Erlang does (28 to 32 bits).
  bool HasIntegerOf28To32Bits() const;

 private:
  bool Op(std::span<const int32_t> tape, size_t* at);
  bool Numbers(int32_t op, std::span<const int32_t> tape, size_t* at);
  bool BinaryPairs(std::span<const int32_t> tape, size_t* at);
  bool Scalar(int32_t op, std::span<const int32_t> tape, size_t* at);
  bool Group(int32_t op, std::span<const int32_t> tape, size_t* at);
  bool Range(int32_t offset, int32_t length, TapeValue* value) const;
  bool Pop(size_t count, TapeValue* value);
  void Push(TapeValue value);
  std::string TextOf(const TapeValue& value) const;
  void EncodeOne(const TapeValue& value, EncodeTapeMemory* to) const;

  const AtomTable* atoms_ = nullptr;
  std::span<const uint8_t> body_;
  std::vector<TapeValue> values_;
  std::vector<uint32_t> stack_;
};

}  // namespace beamlink
