#include "dist/meter.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <memory>
#include <vector>

#include "dist/channel_peer.h"

namespace beamlink::test {
namespace {

MeterReading Counts(const Channel& channel) {
  return channel.meter()->Read();
}

TEST_CASE("counts whole frames, ticks and bytes both ways, and what is unwritten") {
  Peer one;
  REQUIRE(one.Send(Message("first")).ok());
  REQUIRE(one.Send(Message("second")).ok());
  const size_t size = one.channel.unwritten();
  CHECK(Counts(one.channel) == MeterReading{0, 0, 0, 0, 0, 0, size});
  std::vector<uint8_t> bytes = one.Output(size - 1);
  CHECK(Counts(one.channel) == MeterReading{1, 0, size - 1, 0, 0, 0, 1});
  const std::vector<uint8_t> rest = one.Output();
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  CHECK(one.channel.Check(15000) == Ticker::Due::kTick);
  const std::vector<uint8_t> tick = one.Output();
  bytes.insert(bytes.end(), tick.begin(), tick.end());
  CHECK(Counts(one.channel) == MeterReading{2, 0, size + 4, 0, 1, 0, 0});

  Peer two;
  REQUIRE(two.channel.Received(bytes, 0).ok());
  CHECK(Counts(two.channel) == MeterReading{0, 2, 0, size + 4, 0, 1, 0});
}

TEST_CASE("counts the bytes of a frame that is received in place") {
  Peer peer;
  const std::vector<uint8_t> frame = Framed(LargeMessage(kLargeBodyBytes + 1));
  const std::span<const uint8_t> bytes(frame);
  REQUIRE(peer.channel.Received(bytes.first(1000), 0).ok());
  const std::span<uint8_t> wanted = peer.channel.Wanted();
  REQUIRE(wanted.size() == frame.size() - 1000);
  std::copy(bytes.begin() + 1000, bytes.end(), wanted.begin());
  REQUIRE(peer.channel.ReceivedWanted(wanted.size(), 0).ok());
  CHECK(Counts(peer.channel) == MeterReading{0, 1, 0, frame.size(), 0, 0, 0});
}

TEST_CASE("its last words tell what it has counted, and the meter outlives it") {
  std::shared_ptr<const Meter> meter;
  {
    Peer peer;
    meter = peer.channel.meter();
    REQUIRE(peer.Send(Message("written")).ok());
    const auto size = static_cast<int32_t>(peer.Output().size());
    REQUIRE(peer.channel.Received(Framed(Golden(22).frame), 0).ok());
    REQUIRE(peer.events.Poll());
    peer.channel.End({StatusCode::kClosed, "done"});
    const auto down = peer.events.Poll();
    REQUIRE(down);
    const auto length = static_cast<int32_t>(Framed(Golden(22).frame).size());
    const int32_t told[] = {1, 1, size, length, 0, 0, 0};
    for (size_t i = 0; i < kMeterColumns; i++)
      CHECK(down->IntAt(2 + i) == told[i]);
  }
  CHECK(meter->Get(MeterColumn::kFramesOut) == 1);
}

}  // namespace
}  // namespace beamlink::test
