// The frames of test/golden/controls.txt, of which controls.escript tells the form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace beamlink::test {

struct GoldenControl {
  int32_t number;
  int32_t public_number;
  std::vector<uint8_t> frame;
  std::vector<uint8_t> fields;
  std::vector<uint8_t> payload;
  bool has_payload;
};

// Aborts when the file cannot be read.
const std::vector<GoldenControl>& GoldenControls();

}  // namespace beamlink::test
