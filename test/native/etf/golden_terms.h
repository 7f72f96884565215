// The terms of test/golden/terms.jsonl, of which make.escript tells the form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beamlink {

struct GoldenTerm {
  std::string name;
  std::vector<uint8_t> bytes;      // version byte first
  std::vector<uint8_t> canonical;  // as Erlang writes it; empty for terms given by a rule

  bool compressed() const { return bytes.size() > 1 && bytes[1] == 80; }
};

// Aborts when the file cannot be read.
const std::vector<GoldenTerm>& GoldenTerms();

std::vector<uint8_t> BytesOfHex(std::string_view hex);

}  // namespace beamlink
