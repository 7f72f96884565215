// How many different atoms one peer has sent, up to a limit.
//
// Atoms that were counted are known by their ids, which costs a bit each and a look at it; the ids
// of another generation of the table (atoms.h) mean nothing, so hashes of the names are kept, too:
// what has been counted is not counted again, or peers with few atoms would pay for those with
// many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace beamlink {

//   thread: that of the table of atoms
class AtomsMet {
 public:
  explicit AtomsMet(uint32_t limit) : limit_(limit) {}

  // To be called before ids of that generation are given.
  void Enter(uint32_t generation) {
    if (generation == generation_) return;
    generation_ = generation;
    seen_.clear();
  }
  // Whether the atom of that id has been met.
  bool Knows(uint32_t id) const {
    const size_t word = id / 64;
    return word < seen_.size() && (seen_[word] >> (id % 64) & 1) != 0;
  }
  // An atom of which that is not so; `id` is negative when it is not in the table.
  void Meet(int32_t id, uint64_t hash);

  uint32_t count() const { return count_; }
  // Whether more have been met than may be.
  bool exceeded() const { return exceeded_; }

 private:
  // False when the hash was there.
  bool Add(uint32_t hash);
  void Grow();

  const uint32_t limit_;
  uint32_t generation_ = 0;
  uint32_t count_ = 0;
  bool exceeded_ = false;
  std::vector<uint64_t> seen_;    // a bit for each id
  std::vector<uint32_t> hashes_;  // open addressing, 0: free; at most half is taken
};

}  // namespace beamlink
