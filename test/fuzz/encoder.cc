// Hostile encode tapes. Whatever is accepted must be one whole term.
//
//   input := words:16 op:32{words} byte*      little-endian; the bytes are the text region
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "etf/ei_buffer.h"
#include "etf/tape_encoder.h"
#include "etf/tape_values.h"
#include "etf/term_skip.h"
#include "kept.h"

namespace {

using beamlink::fuzz::Require;

bool IsTerm(std::span<const uint8_t> bytes) {
  beamlink::TermCursor cursor(bytes, 0);
  if (cursor.NextIs(beamlink::kTagLocal)) return true;
  return beamlink::SkipTerms(&cursor, 1) && cursor.left() == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const beamlink::AtomBook* const book = [] {
    auto made = std::make_unique<beamlink::AtomBook>();
    Require(made->Define(0, "ok"));
    Require(made->DefineKey(0, "key"));
    return made.release();
  }();
  if (size < 2) return 0;
  const size_t words = std::min<size_t>(data[0] | data[1] << 8, (size - 2) / 4);
  // Memory of their own, so that the sanitizer sees a read past either.
  const auto ops = std::make_unique<int32_t[]>(words);
  std::memcpy(ops.get(), data + 2, words * 4);
  const std::vector<uint8_t> text(data + 2 + words * 4, data + size);
  const std::span<const uint8_t> shared[] = {text};

  beamlink::TapeEncoder encoder(book);
  const beamlink::EncodeTape tape{{ops.get(), words}, text, shared};
  beamlink::EiBuffer out;
  size_t at = 0;
  const bool accepted = encoder.Value(tape, &at, &out, nullptr).ok();
  Require(at <= words && (accepted || out.size() == 0));
  Require(!accepted || IsTerm(out.bytes()));

  std::vector<beamlink::Splice> splices;
  beamlink::EiBuffer spliced;
  at = 0;
  Require(encoder.Value(tape, &at, &spliced, &splices).ok() == accepted);
  size_t total = spliced.size();
  for (const beamlink::Splice& splice : splices)
    total += splice.bytes.size();
  Require(total == out.size());
  return 0;
}
