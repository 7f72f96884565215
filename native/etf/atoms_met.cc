#include "etf/atoms_met.h"

namespace beamlink {
namespace {

constexpr size_t kFirstHashes = 64;  // a power of two

size_t PlaceOf(const std::vector<uint32_t>& hashes, uint32_t hash) {
  const size_t mask = hashes.size() - 1;
  size_t at = hash & mask;
  while (hashes[at] != 0 && hashes[at] != hash)
    at = (at + 1) & mask;
  return at;
}

}  // namespace

void AtomsMet::Meet(int32_t id, uint64_t hash) {
  // Two of a hundred thousand may have the same 32 bits: one more may come then.
  const auto part = static_cast<uint32_t>(hash);
  if (Add(part == 0 ? 1 : part)) count_++;
  if (exceeded_ || id < 0) return;
  const auto at = static_cast<uint32_t>(id);
  if (at / 64 >= seen_.size()) seen_.resize(at / 64 + 1);
  seen_[at / 64] |= uint64_t{1} << (at % 64);
}

bool AtomsMet::Add(uint32_t hash) {
  if (hashes_.empty() || (size_t{count_} + 1) * 2 > hashes_.size()) Grow();
  uint32_t& place = hashes_[PlaceOf(hashes_, hash)];
  if (place == hash) return false;
  if (count_ == limit_) {
    exceeded_ = true;
    return false;
  }
  place = hash;
  return true;
}

void AtomsMet::Grow() {
  std::vector<uint32_t> old(hashes_.empty() ? kFirstHashes : hashes_.size() * 2);
  old.swap(hashes_);
  for (const uint32_t hash : old) {
    if (hash != 0) hashes_[PlaceOf(hashes_, hash)] = hash;
  }
}

}  // namespace beamlink
