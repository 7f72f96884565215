// Bytes that end flush against a page nobody may touch: a read past them dies at once, also in code
// that no sanitizer was built into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <sys/mman.h>
#include <unistd.h>

namespace beamlink {

class GuardedBytes {
 public:
  explicit GuardedBytes(std::span<const uint8_t> bytes) : size_(bytes.size()) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    usable_ = (size_ + page - 1) / page * page;
    mapped_ = usable_ + page;
    void* memory =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    memory_ = static_cast<uint8_t*>(memory);
    if (mprotect(memory_ + usable_, page, PROT_NONE) != 0) std::abort();
    if (size_ > 0) std::memcpy(data(), bytes.data(), size_);
  }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes() { munmap(memory_, mapped_); }

  uint8_t* data() { return memory_ + usable_ - size_; }
  std::span<const uint8_t> span() const { return {memory_ + usable_ - size_, size_}; }
  // The last `size` of the bytes' places, which end at the guard too.
  //   requires: size <= the size given at the start
  std::span<uint8_t> Last(size_t size) { return {memory_ + usable_ - size, size}; }

 private:
  uint8_t* memory_ = nullptr;
  size_t size_;
  size_t usable_ = 0;
  size_t mapped_ = 0;
};

}  // namespace beamlink
