// Golden terms through both tapes and back.
#include <doctest/doctest.h>

#include "etf/ei_buffer.h"
#include "etf/golden_terms.h"
#include "etf/tape_decoder.h"
#include "etf/tape_encoder.h"
#include "etf/tape_values.h"

namespace beamlink {
namespace {

constexpr uint32_t kDepth = 10000;

struct Decoded {
  AtomTable atoms;
  TapeValues values;
};

// Decodes a term, version byte first, and checks the tape.
void Decode(std::span<const uint8_t> bytes, Decoded* decoded) {
  TapeDecoder decoder(&decoded->atoms, kDepth);
  size_t index = 1;
  const Status status = decoder.Term(bytes, &index);
  REQUIRE_MESSAGE(status.ok(), status.message());
  CHECK(index == bytes.size());
  decoder.Stop();
  REQUIRE(decoded->values.Read(decoder.tape(), bytes, decoded->atoms));
}

std::vector<uint8_t> Encode(const TapeValues& values) {
  const EncodeTapeMemory memory = values.Encode();
  const EncodeTape tape{memory.ops, memory.text, {}};
  const AtomBook book;
  TapeEncoder encoder(&book);
  EiBuffer out;
  out.Push(131);
  size_t at = 0;
  const Status status = encoder.Value(tape, &at, &out, nullptr);
  REQUIRE_MESSAGE(status.ok(), status.message());
  CHECK(at == memory.ops.size());
  return {out.bytes().begin(), out.bytes().end()};
}

bool IsDecodedElsewhere(const GoldenTerm& term) {
  return term.compressed();
}

TEST_CASE("there are golden terms") {
  CHECK(GoldenTerms().size() > 250);
}

TEST_CASE("a golden term means what Erlang's own form of it means") {
  for (const GoldenTerm& term : GoldenTerms()) {
    if (IsDecodedElsewhere(term) || term.canonical.empty()) continue;
    CAPTURE(term.name);
    Decoded given;
    Decoded canonical;
    Decode(term.bytes, &given);
    Decode(term.canonical, &canonical);
    CHECK(given.values.Text() == canonical.values.Text());
  }
}

TEST_CASE("a golden term that is decoded and encoded again is the same term") {
  for (const GoldenTerm& term : GoldenTerms()) {
    if (IsDecodedElsewhere(term)) continue;
    CAPTURE(term.name);
    Decoded first;
    Decoded second;
    Decode(term.bytes, &first);
    const std::vector<uint8_t> bytes = Encode(first.values);
    Decode(bytes, &second);
    CHECK(first.values.Text() == second.values.Text());
  }
}

TEST_CASE("what Erlang writes comes out as the same bytes, save integers of 28 to 32 bits") {
  size_t compared = 0;
  for (const GoldenTerm& term : GoldenTerms()) {
    if (IsDecodedElsewhere(term) || term.bytes != term.canonical) continue;
    CAPTURE(term.name);
    Decoded decoded;
    Decode(term.bytes, &decoded);
    if (decoded.values.HasIntegerOf28To32Bits()) continue;
    CHECK(Encode(decoded.values) == term.bytes);
    compared++;
  }
  CHECK(compared > 150);
}

}  // namespace
}  // namespace beamlink
