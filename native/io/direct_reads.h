// The sockets that JavaScript's thread reads itself.
//
// A frame that the reactor reads has to wake JavaScript's thread, which costs several times as much
// as reading it. So a channel that is calm, where frames come one by one, is read by JavaScript's
// own event loop, which then need not be woken twice. The reactor has such a channel back as soon
// as much comes, when JavaScript does not come round to reading, and when nothing has come for a
// while.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/unique_fd.h"

namespace beamlink {

// A set of descriptors that is itself a descriptor: readable when one of them is.
//   thread: Add, Remove: whoever has the turn (turn.h); the others: any
class DirectReads {
 public:
  // `added` is called for each Add that succeeds. Where the system has no such sets, none does.
  explicit DirectReads(std::function<void()> added);

  // -1 where there are no such sets.
  int fd() const { return set_.get(); }
  // False when that cannot be.
  bool Add(int fd, uint32_t channel);
  void Remove(int fd);
  // Puts channels whose sockets have something to be read in front of `channels`; gives their
  // number.
  size_t Ready(std::span<uint32_t> channels) const;

  // Whether somebody looks at fd().
  bool enabled() const { return enabled_; }
  void set_enabled(bool enabled) { enabled_ = enabled; }

 private:
  const std::function<void()> added_;
  UniqueFd set_;
  bool enabled_ = false;
};

}  // namespace beamlink
