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
  static constexpr size_t kLeastBytes = 2, kWords = 1;
  static size_t Place(size_t word) { return word; }
  static bool Next(TermCursor* in, Number* value) { return in->TryInteger(value); }
};

struct WideRun {
  using Number = double;
  static constexpr TapeOp kOne = kWide, kMany = kWides, kList = kListWides;
  static constexpr size_t kLeastBytes = 7, kWords = 2;
  static size_t Place(size_t word) { return EvenWord(word); }
  static bool Next(TermCursor* in, Number* value) {
    int64_t number = 0;
    const auto is_wide = [](int64_t big) { return IsSafeInteger(big) && !IsInt32(big); };
    if (!in->TryBigIf(is_wide, &number)) return false;
    *value = static_cast<double>(number);
    return true;
  }
};

struct FloatRun {
  using Number = double;
  static constexpr TapeOp kOne = kFloat, kMany = kFloats, kList = kListFloats;
  static constexpr size_t kLeastBytes = 9, kWords = 2;
  static size_t Place(size_t word) { return EvenWord(word); }
  static bool Next(TermCursor* in, Number* value) { return in->TryNewFloat(value); }
};

template <typename Number>
void PushOne(TapeOp op, Number number, TapeBuffer* tape) {
  if constexpr (sizeof(Number) == sizeof(int32_t)) {
    tape->Push(op, number);
  } else {
    PushDouble(op, number, tape);
  }
}

template <typename Run>
GatheredNumbers Gather(TermCursor* in, uint32_t limit, bool may_be_list, TapeBuffer* tape) {
  using Number = typename Run::Number;
  Number one;
  if (!Run::Next(in, &one)) return {};
  Number two;
  const bool has_two = limit > 1 && Run::Next(in, &two);
  const bool is_list_of_one = limit == 1 && may_be_list && in->SkipNil();
  if (!has_two && !is_list_of_one) {
    PushOne(Run::kOne, one, tape);
    return {1, false};
  }

  const size_t most = std::min<size_t>(limit, 2 + in->left() / Run::kLeastBytes);
  const size_t base = tape->size();
  const size_t first = Run::Place(base + 2) - base;
  int32_t* const head = tape->Reserve(first + most * Run::kWords);
  auto* const numbers = reinterpret_cast<Number*>(head + first);
  uint32_t count = 1;
  numbers[0] = one;
  if (has_two) numbers[count++] = two;
  while (count < most && Run::Next(in, numbers + count))
    count++;

  const bool whole_list = is_list_of_one || (may_be_list && count == limit && in->SkipNil());
  head[0] = whole_list ? Run::kList : Run::kMany;
  head[1] = static_cast<int32_t>(count);
  if (first > 2) head[2] = 0;
  tape->Advance(first + count * Run::kWords);
  return {count, whole_list};
}

}  // namespace

GatheredNumbers GatherNumbers(uint8_t tag, TermCursor* in, uint32_t limit, bool may_be_list,
                              TapeBuffer* tape) {
  switch (tag) {
    case kTagSmallInteger:
    case kTagInteger:
      return Gather<IntRun>(in, limit, may_be_list, tape);
    case kTagNewFloat:
      return Gather<FloatRun>(in, limit, may_be_list, tape);
    default:
      return Gather<WideRun>(in, limit, may_be_list, tape);
  }
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
