// Bytes on the C heap with one owner. Unlike a vector they can be given up to somebody who frees
// them later (an ArrayBuffer), and growing does not zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

namespace beamlink {

class OwnedBytes {
 public:
  OwnedBytes() = default;
  // Uninitialised. Aborts when memory is out, as operator new does without exceptions; TryMake is
  // for sizes that others choose.
  explicit OwnedBytes(size_t size) : OwnedBytes(size, size) {}
  // With room for `capacity` bytes, so that the memory can serve again for another size.
  //   requires: size <= capacity
  OwnedBytes(size_t size, size_t capacity)
      : data_(Allocate(capacity)), size_(size), capacity_(capacity) {}
  OwnedBytes(OwnedBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  OwnedBytes& operator=(OwnedBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  OwnedBytes(const OwnedBytes&) = delete;
  OwnedBytes& operator=(const OwnedBytes&) = delete;
  ~OwnedBytes() { std::free(data_); }

  // False when memory is out; `*made` is as it was then.
  //   requires: 0 < size <= capacity
  static bool TryMake(size_t size, size_t capacity, OwnedBytes* made) {
    auto* memory = static_cast<uint8_t*>(std::malloc(capacity));
    if (memory == nullptr) return false;
    OwnedBytes bytes;
    bytes.data_ = memory;
    bytes.size_ = size;
    bytes.capacity_ = capacity;
    *made = std::move(bytes);
    return true;
  }

  static OwnedBytes CopyOf(std::span<const uint8_t> bytes) {
    OwnedBytes copy(bytes.size());
    if (!bytes.empty()) std::memcpy(copy.data_, bytes.data(), bytes.size());
    return copy;
  }

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  std::span<uint8_t> span() { return {data_, size_}; }
  std::span<const uint8_t> span() const { return {data_, size_}; }

  // Keeps the bytes that both sizes have in common; new ones are uninitialised.
  void Resize(size_t size) {
    if (size == 0) {
      *this = OwnedBytes();
      return;
    }
    auto* memory = static_cast<uint8_t*>(std::realloc(data_, size));
    if (memory == nullptr) std::abort();
    data_ = memory;
    size_ = size;
    capacity_ = size;
  }
  // Another size in the same memory; what is in it is of no more use.
  //   requires: size <= capacity()
  void Reuse(size_t size) { size_ = size; }

  // Gives the memory up; whoever takes it calls std::free.
  uint8_t* Release() {
    size_ = 0;
    capacity_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  static uint8_t* Allocate(size_t size) {
    if (size == 0) return nullptr;
    auto* memory = static_cast<uint8_t*>(std::malloc(size));
    if (memory == nullptr) std::abort();
    return memory;
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace beamlink
