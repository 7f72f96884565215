// What the C library keeps of the memory that is freed.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace beamlink {

// Has glibc keep up to 16 MiB at the end of its heap in place of 128 KiB. A collection of
// JavaScript frees many bodies at once; what is above that goes back to the system, and each page
// of the bodies that follow faults. To free a block with a mapping of its own raises two
// thresholds: from then on blocks up to its size come from the heap, and twice its size stays there
// ("dynamic mmap threshold", mallopt(3)). Whoever set either of them, by mallopt or the
// environment, is not overruled. Other C libraries take no notice.
//   thread: any
inline void KeepFreedMemory() {
  constexpr size_t kBlockBytes = size_t{8} << 20;
  [[maybe_unused]] static const bool kDone = [] {
    void* volatile block = std::malloc(kBlockBytes);  // else the pair is optimised away
    std::free(block);
    return true;
  }();
}

}  // namespace beamlink
