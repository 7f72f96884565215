// The memory that ei_encode_* writes into. ei cannot see that memory is too small, so each call is
// given its upper bound first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/owned_bytes.h"

namespace beamlink {

// Grows as needed, or writes into a block that somebody else owns. A block that turns out too small
// is left behind: writing goes on in memory of the buffer's own, so that size() tells in the end
// how large the block should have been.
class EiBuffer {
 public:
  EiBuffer() = default;
  // `block` outlives the buffer.
  explicit EiBuffer(std::span<uint8_t> block) : data_(block.data()), capacity_(block.size()) {}
  EiBuffer(EiBuffer&& other) noexcept { *this = std::move(other); }
  EiBuffer& operator=(EiBuffer&& other) noexcept;
  EiBuffer(const EiBuffer&) = delete;
  EiBuffer& operator=(const EiBuffer&) = delete;
  ~EiBuffer() = default;

  // Room for `bytes` behind what is written; valid until the next call of anything here.
  uint8_t* Reserve(size_t bytes) {
    if (capacity_ - size_ < bytes) Grow(bytes);
    return data_ + size_;
  }
  // How many bytes fit behind what is written without moving it.
  size_t room() const { return capacity_ - size_; }
  // Counts `bytes` of the reserved room as written.
  void Advance(size_t bytes) { size_ += bytes; }

  // One ei_encode_* call that writes at most `bound` bytes: `encode(char* buf, int* index)`.
  // False when ei refuses the value; nothing is written then.
  template <typename Encode>
  [[nodiscard]] bool Write(size_t bound, Encode encode) {
    int written = 0;
    if (encode(reinterpret_cast<char*>(Reserve(bound)), &written) != 0) return false;
    size_ += static_cast<size_t>(written);
    return true;
  }
  // The same for a call that writes exactly `bytes`: what comes next need not wait until the number
  // that ei has written comes back from memory.
  template <typename Encode>
  [[nodiscard]] bool WriteExactly(size_t bytes, Encode encode) {
    int written = 0;
    if (encode(reinterpret_cast<char*>(Reserve(bytes)), &written) != 0) return false;
    size_ += bytes;
    return true;
  }
  // `count` such calls, each `encode(size_t i, char* buf, int* index)` within `bound` bytes. False
  // at the first value that ei refuses; nothing is written then.
  template <typename Encode>
  [[nodiscard]] bool WriteMany(size_t count, size_t bound, Encode encode) {
    char* const start = reinterpret_cast<char*>(Reserve(count * bound));
    char* to = start;
    for (size_t i = 0; i < count; i++) {
      int written = 0;
      if (encode(i, to, &written) != 0) return false;
      to += written;
    }
    size_ += static_cast<size_t>(to - start);
    return true;
  }
  void Append(std::span<const uint8_t> bytes) {
    if (bytes.empty()) return;
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void Push(uint8_t byte) {
    *Reserve(1) = byte;
    size_++;
  }

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  std::span<const uint8_t> bytes() const { return {data_, size_}; }

  // Whether all of it stands in the block given at the start.
  bool InBlock() const { return own_.size() == 0; }
  // Forgets what was written behind `size`; the memory stays.
  //   requires: size <= size()
  void Truncate(size_t size) { size_ = size; }
  // Gives up the memory, cut to size() (copied if it is a borrowed block), and is empty then.
  OwnedBytes Take();

 private:
  void Grow(size_t bytes);

  uint8_t* data_ = nullptr;  // own_, or the borrowed block
  size_t size_ = 0;
  size_t capacity_ = 0;
  OwnedBytes own_;
};

}  // namespace beamlink
