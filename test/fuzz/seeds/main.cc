// Writes the golden terms as the seeds of the fuzz targets: `seeds decoder|encoder FOLDER`.
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "etf/golden_terms.h"
#include "etf/tape_decoder.h"
#include "etf/tape_values.h"

namespace {

constexpr size_t kLargest = 4096;

using Bytes = std::vector<uint8_t>;

// The input of encoder.cc for a term, empty if there is none.
Bytes EncoderSeed(std::span<const uint8_t> term) {
  beamlink::AtomTable atoms;
  beamlink::TapeDecoder decoder(&atoms, 10000);
  beamlink::TapeValues values;
  size_t index = 0;
  if (!decoder.Term(term, &index).ok()) return {};
  decoder.Stop();
  if (!values.Read(decoder.tape(), term, atoms)) return {};
  const beamlink::EncodeTapeMemory tape = values.Encode();
  Bytes seed = {static_cast<uint8_t>(tape.ops.size()), static_cast<uint8_t>(tape.ops.size() >> 8)};
  const auto* ops = reinterpret_cast<const uint8_t*>(tape.ops.data());
  seed.insert(seed.end(), ops, ops + tape.ops.size() * sizeof(int32_t));
  seed.insert(seed.end(), tape.text.begin(), tape.text.end());
  return seed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("seeds decoder|encoder FOLDER\n", stderr);
    return 2;
  }
  const bool for_encoder = std::string_view(argv[1]) == "encoder";
  int number = 0;
  for (const beamlink::GoldenTerm& golden : beamlink::GoldenTerms()) {
    const Bytes term(golden.bytes.begin() + 1, golden.bytes.end());
    const Bytes seed = for_encoder ? EncoderSeed(term) : term;
    if (seed.empty() || seed.size() > kLargest) continue;
    std::ofstream file(std::string(argv[2]) + "/golden-" + std::to_string(number++));
    file.write(reinterpret_cast<const char*>(seed.data()),
               static_cast<std::streamsize>(seed.size()));
  }
  return number > 0 ? 0 : 1;
}
