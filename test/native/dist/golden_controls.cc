#include "dist/golden_controls.h"

#include <cstdlib>
#include <fstream>

#include "etf/golden_terms.h"

namespace beamlink::test {
namespace {

std::vector<GoldenControl> Read() {
  std::ifstream file(BEAMLINK_GOLDEN_CONTROLS);
  if (!file) std::abort();
  std::vector<GoldenControl> controls;
  GoldenControl control;
  std::string frame;
  std::string fields;
  std::string payload;
  while (file >> control.number >> control.public_number >> frame >> fields >> payload) {
    control.frame = BytesOfHex(frame);
    control.fields = BytesOfHex(fields);
    control.has_payload = payload != "-";
    control.payload = control.has_payload ? BytesOfHex(payload) : std::vector<uint8_t>();
    controls.push_back(control);
  }
  if (controls.empty()) std::abort();
  return controls;
}

}  // namespace

const std::vector<GoldenControl>& GoldenControls() {
  static const std::vector<GoldenControl> controls = Read();
  return controls;
}

}  // namespace beamlink::test
