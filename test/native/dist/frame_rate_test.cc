#include "dist/frame_rate.h"

#include <doctest/doctest.h>

namespace beamlink {
namespace {

TEST_CASE("without a limit nobody is held up") {
  FrameRate rate(UINT64_MAX);
  for (int i = 0; i < 1'000'000; i++)
    rate.Count(5);
  CHECK_FALSE(rate.held());
}

TEST_CASE("a second's frames may come at once, and the next after a second") {
  FrameRate rate(10);
  for (int i = 0; i < 9; i++)
    rate.Count(5000);
  CHECK_FALSE(rate.held());
  rate.Count(5000);
  CHECK(rate.held());
  CHECK(rate.ReleaseAtMs() == 6001);
  CHECK_FALSE(rate.Release(5999));
  CHECK(rate.held());
  CHECK(rate.Release(6000));
  CHECK_FALSE(rate.held());
  CHECK_FALSE(rate.Release(6001));
}

TEST_CASE("who keeps to the rate is never held up") {
  FrameRate rate(100);
  for (uint64_t now = 0; now < 100'000; now += 10) {
    rate.Count(now);
    CHECK_FALSE(rate.held());
  }
}

TEST_CASE("what had been read counts for the seconds that follow") {
  FrameRate rate(10);
  for (int i = 0; i < 35; i++)
    rate.Count(0);
  CHECK_FALSE(rate.Release(3499));
  CHECK(rate.Release(3500));
}

TEST_CASE("over time no more comes than may") {
  FrameRate rate(1000);
  uint64_t frames = 0;
  for (uint64_t now = 0; now < 60'000; now++) {
    rate.Release(now);
    for (int i = 0; i < 7 && !rate.held(); i++, frames++)
      rate.Count(now);
  }
  CHECK(frames <= 61'000);
  CHECK(frames >= 59'000);
}

}  // namespace
}  // namespace beamlink
