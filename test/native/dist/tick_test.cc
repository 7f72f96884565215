#include "dist/tick.h"

#include <doctest/doctest.h>

namespace beamlink::test {
namespace {

using Due = Ticker::Due;

TEST_CASE("a peer that was silent for the tick time is given up") {
  Ticker ticker(60000, 1000);
  CHECK(ticker.Check(60999) != Due::kPeerIsSilent);
  CHECK(ticker.Check(61000) == Due::kPeerIsSilent);
}

TEST_CASE("bytes from the peer put its end off") {
  Ticker ticker(60000, 0);
  ticker.Read(59999);
  CHECK(ticker.Check(119998) != Due::kPeerIsSilent);
  CHECK(ticker.Check(119999) == Due::kPeerIsSilent);
}

TEST_CASE("a tick is due when nothing was written for a quarter of the tick time") {
  Ticker ticker(60000, 0);
  ticker.Read(14000);
  CHECK(ticker.Check(14999) == Due::kNothing);
  CHECK(ticker.Check(15000) == Due::kTick);
  CHECK(ticker.Check(15000) == Due::kNothing);
}

TEST_CASE("a tick is due when we write but nothing comes back") {
  Ticker ticker(60000, 0);
  for (uint64_t now = 1000; now < 15000; now += 1000)
    ticker.Written(now);
  CHECK(ticker.Check(14999) == Due::kNothing);
  CHECK(ticker.Check(15000) == Due::kTick);
  ticker.Written(15000);
  CHECK(ticker.Check(29999) == Due::kNothing);
  CHECK(ticker.Check(30000) == Due::kTick);
}

TEST_CASE("no tick is due while both sides are busy") {
  Ticker ticker(60000, 0);
  for (uint64_t now = 0; now < 300000; now += 10000) {
    ticker.Read(now);
    ticker.Written(now);
    CHECK(ticker.Check(now + 9999) == Due::kNothing);
  }
}

TEST_CASE("an idle channel ticks four times in the tick time") {
  Ticker ticker(60000, 0);
  int ticks = 0;
  for (uint64_t now = 0; now <= 600000; now += 100) {
    ticker.Read(now);
    if (ticker.Check(now) == Due::kTick) {
      ticks++;
      ticker.Written(now);
    }
  }
  CHECK(ticks == 40);
}

TEST_CASE("a peer is not judged while we do not read it, and ticks go on") {
  Ticker ticker(60000, 0);
  ticker.Pause();
  CHECK(ticker.Check(15000) == Due::kTick);
  CHECK(ticker.Check(500000) == Due::kTick);
  ticker.Resume(500000);
  CHECK(ticker.Check(559999) != Due::kPeerIsSilent);
  CHECK(ticker.Check(560000) == Due::kPeerIsSilent);
}

TEST_CASE("the next check is due when something may change, and never at once") {
  Ticker ticker(60000, 0);
  CHECK(ticker.NextCheckMs(0) == 15000);
  ticker.Written(5000);
  ticker.Read(10000);
  CHECK(ticker.NextCheckMs(10000) == 10000);
  CHECK(ticker.Check(20000) == Due::kTick);
  CHECK(ticker.NextCheckMs(20000) == 15000);
  CHECK(ticker.NextCheckMs(100000) == 1);
}

}  // namespace
}  // namespace beamlink::test
