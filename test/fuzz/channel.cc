// A hostile stream into a channel, cut anywhere.
//
//   input := splits:8 mark:8 stream
#include <algorithm>
#include <cstdint>
#include <random>
#include <span>

#include "checked_channel.h"
#include "dist/flags.h"
#include "kept.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace beamlink;
  if (size < 2 || size > fuzz::kLargestInput) return 0;
  std::minstd_rand random(data[0]);
  const uint64_t mark = data[1] == 0 ? UINT64_MAX : uint64_t{data[1]} * 16;
  std::span<const uint8_t> stream = fuzz::Guarded(data + 2, size - 2);
  fuzz::CheckedChannel channel(kFlagSendSender | kFlagExitPayload, mark);
  while (!stream.empty()) {
    const size_t longest = data[0] < 128 ? stream.size() : 1 + data[0] % 64;
    const size_t part = std::min<size_t>(1 + random() % longest, stream.size());
    if (!channel.Feed(stream.first(part))) break;
    stream = stream.subspan(part);
  }
  return 0;
}
