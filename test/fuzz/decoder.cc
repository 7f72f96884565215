// Hostile ETF into the decoder. What it accepts must give a tape that keeps to its grammar, and be
// the same term after it was encoded and decoded again.
#include <cstdint>

#include "etf/ei_buffer.h"
#include "etf/tape_decoder.h"
#include "etf/tape_encoder.h"
#include "etf/tape_values.h"
#include "kept.h"

namespace {

using beamlink::AtomTable;
using beamlink::TapeValues;
using beamlink::fuzz::Require;

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
  if (size > beamlink::fuzz::kLargestInput) return 0;
  static const beamlink::AtomBook book;
  AtomTable* const atoms = beamlink::fuzz::Atoms();
  TapeValues first;
  if (!Decode(beamlink::fuzz::Guarded(data, size), atoms, &first)) return 0;
  const beamlink::EncodeTapeMemory tape = first.Encode();
  beamlink::TapeEncoder encoder(&book);
  beamlink::EiBuffer out;
  size_t at = 0;
  Require(encoder.Value({tape.ops, tape.text, {}}, &at, &out, nullptr).ok());
  Require(at == tape.ops.size());
  TapeValues second;
  Require(Decode(out.bytes(), atoms, &second));
  Require(first.Text() == second.Text());
  return 0;
}
