// Memory of moderate size that passes from one thread to another and back. Freed and allocated anew
// for each message it would go back to the system each time, and every page of it would fault.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/owned_bytes.h"
#include "base/thread_annotations.h"

namespace beamlink {

//   thread: any
class BytePool {
 public:
  BytePool() = default;
  BytePool(const BytePool&) = delete;
  BytePool& operator=(const BytePool&) = delete;
  ~BytePool() = default;

  // Uninitialised, with room for at most twice the size. False when memory is out.
  //   requires: size > 0
  bool Take(size_t size, OwnedBytes* taken) {
    if (size > kMaxBytes) return OwnedBytes::TryMake(size, size, taken);
    {
      const MutexLock lock(mu_);
      for (OwnedBytes& spare : spares_) {
        if (spare.capacity() < size || spare.capacity() / 2 > size) continue;
        std::swap(spare, spares_.back());
        *taken = std::move(spares_.back());
        spares_.pop_back();
        taken->Reuse(size);
        return true;
      }
    }
    return OwnedBytes::TryMake(size, size + size / 4, taken);
  }

  // For the next Take; freed if it is too large, or if there is enough.
  void Give(OwnedBytes bytes) {
    if (bytes.capacity() == 0 || bytes.size() > kMaxBytes) return;
    const MutexLock lock(mu_);
    if (spares_.size() < kMaxSpares) spares_.push_back(std::move(bytes));
  }

 private:
  static constexpr size_t kMaxBytes = size_t{256} * 1024;
  static constexpr size_t kMaxSpares = 32;

  Mutex mu_;
  std::vector<OwnedBytes> spares_ GUARDED_BY(mu_);
};

}  // namespace beamlink
