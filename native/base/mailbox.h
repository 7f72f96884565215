// A queue with a wake: many writers, one reader that takes all there is at once.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread_annotations.h"

namespace beamlink {

template <typename T>
class Mailbox {
 public:
  // `wake` is called by the writer, under no lock, when the mailbox was empty before.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // thread: any
  void Post(T item) {
    bool was_empty = false;
    {
      const MutexLock lock(mu_);
      was_empty = items_.empty();
      items_.push_back(std::move(item));
    }
    if (was_empty) wake_();
  }

  // All that waits, in order, in place of what `taken` held; its memory is used again.
  //   thread: the reader
  void Take(std::vector<T>* taken) {
    taken->clear();
    const MutexLock lock(mu_);
    items_.swap(*taken);
  }

 private:
  const std::function<void()> wake_;
  Mutex mu_;
  std::vector<T> items_ GUARDED_BY(mu_);
};

}  // namespace beamlink
