// Golden terms cut off and changed, each flush against a page that kills whoever reads past it.
#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>

#include "etf/golden_terms.h"
#include "etf/tape_decoder.h"
#include "etf/tape_values.h"
#include "guarded_bytes.h"

namespace beamlink {
namespace {

constexpr size_t kShort = 300;  // terms above are tried in fewer places

enum class Outcome { kRefused, kTaken, kBroken };

// Decodes hostile bytes. What is accepted must give a good tape, what is refused a reason and no
// tape; all else is broken.
class Victim {
 public:
  Outcome Take(std::span<const uint8_t> bytes) {
    decoder_.Reset();
    size_t index = 1;
    const Status status = decoder_.Term(bytes, &index);
    if (index > bytes.size()) return Outcome::kBroken;
    if (!status.ok()) {
      const bool sound = !status.message().empty() && decoder_.tape().empty();
      return sound ? Outcome::kRefused : Outcome::kBroken;
    }
    decoder_.Stop();
    // At most a word of tape for a byte of term, and kStop.
    if (decoder_.tape().size() > bytes.size() + 8) return Outcome::kBroken;
    return values_.Read(decoder_.tape(), bytes, atoms_) ? Outcome::kTaken : Outcome::kBroken;
  }

 private:
  AtomTable atoms_;
  TapeDecoder decoder_{&atoms_, 10000};
  TapeValues values_;
};

TEST_CASE("a golden term that is cut off anywhere is refused") {
  Victim victim;
  for (const GoldenTerm& term : GoldenTerms()) {
    if (term.compressed()) continue;
    CAPTURE(term.name);
    GuardedBytes guarded(term.bytes);
    const size_t step = term.bytes.size() > kShort ? term.bytes.size() / kShort : 1;
    for (size_t size = 1; size < term.bytes.size(); size += step) {
      const std::span<uint8_t> cut = guarded.Last(size);
      std::memcpy(cut.data(), term.bytes.data(), size);
      const Outcome outcome = victim.Take(cut);
      if (outcome != Outcome::kRefused) FAIL("cut off at ", size);
    }
  }
}

TEST_CASE("a golden term with any byte changed gives a good tape or an error") {
  Victim victim;
  size_t taken = 0;
  for (const GoldenTerm& term : GoldenTerms()) {
    if (term.compressed() || term.bytes.size() > kShort) continue;
    CAPTURE(term.name);
    GuardedBytes guarded(term.bytes);
    for (size_t at = 1; at < term.bytes.size(); at++) {
      // Every value where tags and lengths stand, every bit elsewhere.
      const bool all = at < 8;
      for (int change = 1; change < 256; change = all ? change + 1 : change * 2) {
        guarded.data()[at] = static_cast<uint8_t>(term.bytes[at] ^ change);
        const Outcome outcome = victim.Take(guarded.span());
        if (outcome == Outcome::kBroken) FAIL("byte ", at, " changed by ", change);
        taken += outcome == Outcome::kTaken ? 1 : 0;
      }
      guarded.data()[at] = term.bytes[at];
    }
  }
  CHECK(taken > 0);
}

}  // namespace
}  // namespace beamlink
