#include "etf/tape_numbers.h"

#include <algorithm>

#include "etf/tape.h"

namespace beamlink {
namespace {

// Doubles stand at even words.
size_t EvenWord(size_t word) {
  return word + (word & 1);
}

struct IntRun {
  using Number = int32_t;
  static constexpr TapeOp kOne = kInt, kMany = kInts, kList = kListInts;
  static constexpr size_t kLeastBytes = 2;
  static size_t Place(size_t word) { return word; }
  static bool Next(TermCursor* in, Number* value) { return in->TryInteger(value); }
};

struct WideRun {
  using Number = double;
  static constexpr TapeOp kOne = kWide, kMany = kWides, kList = kListWides;
  static constexpr size_t kLeastBytes = 7;
  static size_t Place(size_t word) { return EvenWord(word); }
  static bool Next(TermCursor* in, Number* value) {
    TermCursor ahead = *in;
    Magnitude big;
    if (!ahead.TryBig(&big) || !big.fits || IsInt32(big.value)) return false;
    if (big.value > kMaxSafeInteger || big.value < -kMaxSafeInteger) return false;
    *value = static_cast<double>(big.value);
    *in = ahead;
    return true;
  }
};

struct FloatRun {
  using Number = double;
  static constexpr TapeOp kOne = kFloat, kMany = kFloats, kList = kListFloats;
  static constexpr size_t kLeastBytes = 9;
  static size_t Place(size_t word) { return EvenWord(word); }
  static bool Next(TermCursor* in, Number* value) { return in->TryNewFloat(value); }
};

// Sets words `from` to `to` (not included), which lie at `head`, to zero: padding.
void Pad(int32_t* head, size_t from, size_t to) {
  std::fill(head + from, head + to, 0);
}

template <typename Run>
GatheredNumbers Gather(TermCursor* in, uint32_t limit, bool may_be_list, TapeBuffer* tape) {
  using Number = typename Run::Number;
  constexpr size_t kWords = sizeof(Number) / sizeof(int32_t);
  const size_t most = std::min<size_t>(limit, in->left() / Run::kLeastBytes);
  const size_t base = tape->size();
  const size_t first = Run::Place(base + 2) - base;
  int32_t* const head = tape->Reserve(first + most * kWords);
  auto* const numbers = reinterpret_cast<Number*>(head + first);
  uint32_t count = 0;
  while (count < most && Run::Next(in, numbers + count))
    count++;
  if (count == 0) return {};

  const bool whole_list = may_be_list && count == limit && in->SkipNil();
  if (count == 1 && !whole_list) {
    const Number number = numbers[0];
    const size_t place = Run::Place(base + 1) - base;
    head[0] = Run::kOne;
    Pad(head, 1, place);
    std::memcpy(head + place, &number, sizeof number);
    tape->Advance(place + kWords);
  } else {
    head[0] = whole_list ? Run::kList : Run::kMany;
    head[1] = static_cast<int32_t>(count);
    Pad(head, 2, first);
    tape->Advance(first + count * kWords);
  }
  return {count, whole_list};
}

}  // namespace

GatheredNumbers GatherNumbers(TermCursor* in, uint32_t limit, bool may_be_list, TapeBuffer* tape) {
  if (in->NextIs(kTagSmallInteger) || in->NextIs(kTagInteger)) {
    return Gather<IntRun>(in, limit, may_be_list, tape);
  }
  if (in->NextIs(kTagNewFloat)) return Gather<FloatRun>(in, limit, may_be_list, tape);
  if (in->NextIs(kTagSmallBig) || in->NextIs(kTagLargeBig)) {
    return Gather<WideRun>(in, limit, may_be_list, tape);
  }
  return {};
}

void PushDouble(int32_t op, double value, TapeBuffer* tape) {
  tape->Push(op);
  if ((tape->size() & 1) != 0) tape->Push(0);
  std::memcpy(tape->Reserve(2), &value, sizeof value);
  tape->Advance(2);
}

void PushInteger(int64_t value, TapeBuffer* tape) {
  if (IsInt32(value)) {
    tape->Push(kInt, value);
  } else {
    PushDouble(kWide, static_cast<double>(value), tape);
  }
}

}  // namespace beamlink
