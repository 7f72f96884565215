// What a channel counts. Whoever has the turn counts, any thread reads: no lock is taken for
// either. Each figure is right; those that are read together may be of moments that lie a little
// apart.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace beamlink {

// `MeterColumn` of lib/native/contract.ts. Bytes are those of frames and ticks with their lengths,
// not those of the handshake; frames are whole ones, ticks not among them.
enum class MeterColumn : size_t {
  kFramesOut = 0,
  kFramesIn = 1,
  kBytesOut = 2,
  kBytesIn = 3,
  kTicksOut = 4,
  kTicksIn = 5,
  kUnwritten = 6,  // bytes that wait to be written now
};
inline constexpr size_t kMeterColumns = 7;

using MeterReading = std::array<uint64_t, kMeterColumns>;

class Meter {
 public:
  //   thread: whoever has the turn. One at a time, so that nothing is lost between load and store.
  void Add(MeterColumn column, uint64_t count) { Set(column, Get(column) + count); }
  void Set(MeterColumn column, uint64_t value) {
    columns_[static_cast<size_t>(column)].store(value, std::memory_order_relaxed);
  }

  //   thread: any
  uint64_t Get(MeterColumn column) const {
    return columns_[static_cast<size_t>(column)].load(std::memory_order_relaxed);
  }
  MeterReading Read() const {
    MeterReading reading;
    for (size_t i = 0; i < kMeterColumns; i++) {
      reading[i] = columns_[i].load(std::memory_order_relaxed);
    }
    return reading;
  }

 private:
  std::array<std::atomic<uint64_t>, kMeterColumns> columns_{};
};

}  // namespace beamlink
