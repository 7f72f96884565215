// Reads past its memory on purpose, through ei: a number that claims eight digits and has four.
//   planted_overrun heap     in memory of its own: dies if ei is instrumented
//   planted_overrun guard    flush against a guard page: dies always
#include <array>
#include <cstdio>
#include <memory>
#include <string_view>

#include <ei.h>

#include "guarded_bytes.h"

namespace {

constexpr std::array<uint8_t, 7> kCutOff = {110, 8, 0, 1, 2, 3, 4};

bool Decode(const uint8_t* bytes) {
  int index = 0;
  long long value = 0;
  return ei_decode_longlong(reinterpret_cast<const char*>(bytes), &index, &value) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool read = false;
  if (argc == 2 && std::string_view(argv[1]) == "heap") {
    const auto bytes = std::make_unique<std::array<uint8_t, 7>>(kCutOff);
    read = Decode(bytes->data());
  } else {
    const beamlink::GuardedBytes bytes(kCutOff);
    read = Decode(bytes.span().data());
  }
  std::printf("nobody saw the overrun (%s)\n", read ? "decoded" : "refused");
  return 0;
}
