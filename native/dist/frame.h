// Cuts the stream of a channel into frames.
//
//   stream := frame*
//   frame  := length:32 byte{length}        length 0 is a tick
//   byte{} := 112 body                      112: no distribution header (pass-through)
//
// Small frames are handed out where they lie; large ones are received straight into memory of their
// own, which then travels on without a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_pool.h"
#include "base/owned_bytes.h"
#include "base/status.h"
#include "dist/event.h"

namespace beamlink {

inline constexpr uint8_t kPassThrough = 112;
inline constexpr size_t kFrameLengthBytes = 4;
// Bodies above this get memory of their own: those that an EventQueue would not copy into a chunk.
inline constexpr size_t kLargeBodyBytes = kLargeRecordBytes;

class FrameReader {
 public:
  enum class Step {
    kNeedsMore,  // the bytes are used up
    kTick,
    kFrame,       // body() is a frame's
    kLargeFrame,  // TakeLarge() is a frame's body
    kError,       // the stream is of no further use; status() tells
  };

  // `bodies` outlives the reader: memory for large frames.
  FrameReader(uint32_t max_frame_bytes, BytePool* bodies)
      : max_frame_bytes_(max_frame_bytes), bodies_(bodies) {}

  // Takes what belongs to the next frame off the front of `*bytes`.
  Step Next(std::span<const uint8_t>* bytes);
  // Valid until the next call of Next, and as long as the bytes given to it.
  std::span<const uint8_t> body() const { return body_; }
  OwnedBytes TakeLarge() { return std::move(large_); }
  const Status& status() const { return status_; }

  // The part of a large frame that is still to come, to be received in place. May be empty.
  std::span<uint8_t> Wanted() { return large_.span().subspan(large_filled_); }
  // Says that the first `count` bytes of Wanted() are there.
  void Received(size_t count) { large_filled_ += count; }

 private:
  // The length, and the byte behind it.
  static constexpr size_t kHeadBytes = kFrameLengthBytes + 1;

  Step Fail(StatusCode code, std::string message);
  // Whether the header tells a frame that we take.
  bool Admits(uint32_t length, uint8_t first);
  Step NextInPlace(std::span<const uint8_t>* bytes);
  Step CollectHead(std::span<const uint8_t>* bytes);
  Step CollectSmall(std::span<const uint8_t>* bytes);
  Step CollectLarge(std::span<const uint8_t>* bytes);

  const uint32_t max_frame_bytes_;
  BytePool* const bodies_;
  Status status_;
  std::span<const uint8_t> body_;

  // A frame of which only a part is there: first its head, then either body.
  uint8_t head_[kHeadBytes];
  size_t head_filled_ = 0;
  std::vector<uint8_t> small_;
  size_t small_size_ = 0;
  OwnedBytes large_;
  size_t large_filled_ = 0;
};

}  // namespace beamlink
