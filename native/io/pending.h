// Who has to go when too many incoming connections are pending.
#pragma once

#include <cstddef>
#include <iterator>
#include <map>
#include <string_view>

namespace beamlink {

// Of those whose name we wait for, and again of those in a handshake.
inline constexpr size_t kMaxPending = 256;

// The first (oldest) entry from the address that has most of them, so that one host with many half
// open connections cannot keep the others out.
//   requires: entries is not empty; address_of returns a reference that stays good
template <typename Entries, typename AddressOf>
auto OldestOfMost(Entries& entries, AddressOf address_of) {
  std::map<std::string_view, size_t> counts;
  for (const auto& entry : entries)
    counts[address_of(entry)]++;
  auto most = std::begin(entries);
  for (auto at = std::begin(entries); at != std::end(entries); ++at) {
    if (counts[address_of(*at)] > counts[address_of(*most)]) most = at;
  }
  return most;
}

}  // namespace beamlink
