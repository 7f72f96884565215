// Goes into the addon that scripts/interop-sanitized.sh builds, and into no other. When the addon
// is loaded it does what the environment asks for in BEAMLINK_PLANT: a run that sees nothing then
// sees nothing at other times either.
//   overrun     ei reads past a block
//   overflow    a number does not fit
//   leak        a block that nobody has any more
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <ei.h>

namespace {

// `volatile`, so that nothing of this is worked out when it is compiled.
volatile int largest = INT_MAX;
volatile long long sink = 0;
void* volatile lost = nullptr;

void Overrun() {
  constexpr size_t kSize = 7;
  const auto bytes = std::make_unique<char[]>(kSize);
  bytes[0] = 110;  // SMALL_BIG_EXT of eight digits, of which there are four
  bytes[1] = 8;
  int index = 0;
  long long value = 0;
  if (ei_decode_longlong(bytes.get(), &index, &value) == 0) sink = value;
}

void Leak() {
  lost = std::malloc(4711);
  lost = nullptr;
}

const bool kDone = [] {
  const char* wish = std::getenv("BEAMLINK_PLANT");
  const std::string_view what = wish == nullptr ? "" : wish;
  if (what == "overrun") Overrun();
  if (what == "overflow") sink = largest + 1;
  if (what == "leak") Leak();
  return true;
}();

}  // namespace
