#include "dist/frame.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/big_endian.h"

namespace beamlink {

FrameReader::Step FrameReader::Fail(StatusCode code, std::string message) {
  status_ = Status(code, std::move(message));
  return Step::kError;
}

bool FrameReader::Admits(uint32_t length, uint8_t first) {
  if (length > max_frame_bytes_) {
    Fail(StatusCode::kTooLarge, "a frame of " + std::to_string(length) +
                                    " bytes is above maxFrameBytes (" +
                                    std::to_string(max_frame_bytes_) + ")");
    return false;
  }
  if (first != kPassThrough) {
    Fail(StatusCode::kMalformed,
         "a frame begins with " + std::to_string(first) + " where 112 (pass-through) must stand");
    return false;
  }
  return true;
}

FrameReader::Step FrameReader::Next(std::span<const uint8_t>* bytes) {
  if (!status_.ok()) return Step::kError;
  if (large_.size() > 0) return CollectLarge(bytes);
  if (small_size_ > 0) return CollectSmall(bytes);
  if (head_filled_ > 0) return CollectHead(bytes);
  return NextInPlace(bytes);
}

// The common case: nothing is kept, and the whole frame lies in the bytes.
FrameReader::Step FrameReader::NextInPlace(std::span<const uint8_t>* bytes) {
  if (bytes->size() < kHeadBytes) return CollectHead(bytes);
  const uint32_t length = LoadU32(bytes->data());
  if (length == 0 || length - 1 > kLargeBodyBytes || bytes->size() - kFrameLengthBytes < length) {
    return CollectHead(bytes);
  }
  if (!Admits(length, (*bytes)[kFrameLengthBytes])) return Step::kError;
  body_ = bytes->subspan(kHeadBytes, length - 1);
  *bytes = bytes->subspan(kFrameLengthBytes + length);
  return Step::kFrame;
}

FrameReader::Step FrameReader::CollectHead(std::span<const uint8_t>* bytes) {
  while (head_filled_ < kHeadBytes && !bytes->empty()) {
    head_[head_filled_++] = bytes->front();
    *bytes = bytes->subspan(1);
    if (head_filled_ == kFrameLengthBytes && LoadU32(head_) == 0) {
      head_filled_ = 0;
      return Step::kTick;
    }
  }
  if (head_filled_ < kHeadBytes) return Step::kNeedsMore;
  head_filled_ = 0;
  const uint32_t length = LoadU32(head_);
  if (!Admits(length, head_[kFrameLengthBytes])) return Step::kError;
  const size_t body = length - 1;
  if (body > kLargeBodyBytes) {
    if (!bodies_->Take(body, &large_)) {
      return Fail(StatusCode::kResources,
                  "no memory for a frame of " + std::to_string(length) +
                      " bytes; lower maxFrameBytes, or raise the limit (ulimit -v)");
    }
    large_filled_ = 0;
    return CollectLarge(bytes);
  }
  small_.clear();
  small_size_ = body;
  return CollectSmall(bytes);
}

FrameReader::Step FrameReader::CollectSmall(std::span<const uint8_t>* bytes) {
  const size_t count = std::min(small_size_ - small_.size(), bytes->size());
  small_.insert(small_.end(), bytes->begin(), bytes->begin() + static_cast<ptrdiff_t>(count));
  *bytes = bytes->subspan(count);
  if (small_.size() < small_size_) return Step::kNeedsMore;
  small_size_ = 0;
  body_ = small_;
  return Step::kFrame;
}

FrameReader::Step FrameReader::CollectLarge(std::span<const uint8_t>* bytes) {
  const std::span<uint8_t> wanted = Wanted();
  const size_t count = std::min(wanted.size(), bytes->size());
  if (count > 0) std::memcpy(wanted.data(), bytes->data(), count);
  large_filled_ += count;
  *bytes = bytes->subspan(count);
  if (large_filled_ < large_.size()) return Step::kNeedsMore;
  large_filled_ = 0;
  return Step::kLargeFrame;
}

}  // namespace beamlink
