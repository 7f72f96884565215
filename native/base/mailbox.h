// A queue with a wake: many writers, one reader that takes all there is at once. A writer with more
// to come may post quietly and wake the reader once, since a wake costs more than a post.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread_annotations.h"

namespace beamlink {

template <typename T>
class Mailbox {
 public:
  // `wake` is called by a writer, under no lock, when the reader has taken all since the last one.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() = default;

  // thread: any
  void Post(T item) {
    bool wake = false;
    {
      const MutexLock lock(mu_);
      items_.push_back(std::move(item));
      wake = !std::exchange(reader_told_, true);
    }
    if (wake) wake_();
  }

  // Leaves the reader asleep: a Post or WakeReader of the same thread follows.   thread: any
  void PostQuietly(T item) {
    const MutexLock lock(mu_);
    items_.push_back(std::move(item));
  }

  // Tells the reader of what was posted quietly.   thread: any
  void WakeReader() {
    bool wake = false;
    {
      const MutexLock lock(mu_);
      wake = !items_.empty() && !std::exchange(reader_told_, true);
    }
    if (wake) wake_();
  }

  // All that waits, in order, in place of what `taken` held; its memory is used again.
  //   thread: the reader
  void Take(std::vector<T>* taken) {
    taken->clear();
    const MutexLock lock(mu_);
    items_.swap(*taken);
    reader_told_ = false;
  }

  // The same if that is not more than `most` items and `suits` says yes to each; else nothing.
  //   thread: whoever stands in for the reader, who takes nothing meanwhile
  template <typename Suits>
  bool TakeIf(size_t most, Suits suits, std::vector<T>* taken) {
    const MutexLock lock(mu_);
    if (items_.size() > most) return false;
    for (const T& item : items_) {
      if (!suits(item)) return false;
    }
    taken->clear();
    items_.swap(*taken);
    return true;
  }

 private:
  const std::function<void()> wake_;
  Mutex mu_;
  std::vector<T> items_ GUARDED_BY(mu_);
  bool reader_told_ GUARDED_BY(mu_) = false;
};

}  // namespace beamlink
