#include "io/moderation.h"

#include <doctest/doctest.h>

namespace beamlink::test {
namespace {

constexpr uint64_t kUs = 1000;
constexpr uint64_t kTurnUs = 20;
constexpr uint64_t kRestUs = 100;

// A moderation with its clock, and what a peer has sent so far.
struct Load {
  Moderation moderation;
  uint64_t now = 5'000'000 * kUs;
  uint64_t frames = 0;
  uint64_t bytes = 0;

  // Turns without a rest in which `count` frames of `size` bytes come, until a window has passed.
  bool Turns(uint64_t count, uint64_t size) {
    bool rests = false;
    for (uint64_t turn = 0; turn < 11 && !rests; turn++)
      rests = Turn(kTurnUs, count, size);
    return rests;
  }
  bool Turn(uint64_t us, uint64_t count, uint64_t size = 100) {
    now += us * kUs;
    frames += count;
    bytes += count * size;
    return moderation.ShouldRest(now, frames, bytes);
  }
};

TEST_CASE("many small frames are worth a rest") {
  Load load;
  load.Turns(0, 0);
  CHECK(load.Turns(4, 100));
}

TEST_CASE("as long as the rests bring frames they go on") {
  Load load;
  load.Turns(0, 0);
  REQUIRE(load.Turns(4, 100));
  for (int rest = 0; rest < 100; rest++)
    CHECK(load.Turn(kRestUs, 8));
}

TEST_CASE("slow calls one at a time are answered without a rest") {
  Load load;
  for (int call = 0; call < 100; call++)
    CHECK_FALSE(load.Turn(60, 2));
}

TEST_CASE("fast calls one at a time hardly ever wait for a rest") {
  Load load;
  int rests = 0;
  bool resting = false;
  for (int call = 0; call < 1000; call++) {
    resting = load.Turn(resting ? kRestUs + 30 : 30, 2);
    rests += resting ? 1 : 0;
  }
  CHECK(rests > 0);
  CHECK(rests < 20);
}

TEST_CASE("large frames are read without a rest") {
  Load load;
  load.Turns(0, 0);
  CHECK_FALSE(load.Turns(4, 64 * 1024));
}

TEST_CASE("the first turn after a pause does not rest") {
  Load load;
  load.Turns(0, 0);
  REQUIRE(load.Turns(4, 100));
  CHECK_FALSE(load.Turn(50'000, 1'000'000, 0));
}

}  // namespace
}  // namespace beamlink::test
