// Hostile ETF into the decoder. What it accepts must give a tape that keeps to its grammar, and be
// the same term after it was encoded and decoded again.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "etf/ei_buffer.h"
#include "etf/tape_decoder.h"
#include "etf/tape_encoder.h"
#include "etf/tape_values.h"
#include "guarded_bytes.h"

namespace {

using beamlink::AtomTable;
using beamlink::TapeValues;

constexpr size_t kLargest = 1 << 20;

void Require(bool claim) {
  if (!claim) std::abort();
}

// False when the bytes are refused.
bool Decode(std::span<const uint8_t> bytes, AtomTable* atoms, TapeValues* values) {
  beamlink::TapeDecoder decoder(atoms, 1000);
  size_t index = 0;
  const bool accepted = decoder.Term(bytes, &index).ok();
  Require(index <= bytes.size());
  Require(accepted || decoder.tape().empty());
  if (!accepted) return false;
  decoder.Stop();
  Require(values->Read(decoder.tape(), bytes, *atoms));
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kLargest) return 0;
  static beamlink::GuardedBytes guarded(std::vector<uint8_t>(kLargest, 0));
  const std::span<uint8_t> bytes = guarded.Last(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);

  AtomTable atoms;
  TapeValues first;
  if (!Decode(bytes, &atoms, &first)) return 0;
  const beamlink::EncodeTapeMemory tape = first.Encode();
  const beamlink::AtomBook book;
  beamlink::TapeEncoder encoder(&book);
  beamlink::EiBuffer out;
  size_t at = 0;
  Require(encoder.Value({tape.ops, tape.text, {}}, &at, &out, nullptr).ok());
  Require(at == tape.ops.size());
  TapeValues second;
  Require(Decode(out.bytes(), &atoms, &second));
  Require(first.Text() == second.Text());
  return 0;
}
