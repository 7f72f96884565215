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

  // All that waits, in order, in place of what `taken` held; its memory is used again.
  //   thread: the reader
  void Take(std::vector<T>* taken) {
    taken->clear();
    const MutexLock lock(mu_);
    items_.swap(*taken);
    reader_told_ = false;
  }

  // Whether nothing waits, of what the caller's own thread has posted at least.   thread: any
  bool empty() {
    const MutexLock lock(mu_);
    return items_.empty();
  }

 private:
  const std::function<void()> wake_;
  Mutex mu_;
  std::vector<T> items_ GUARDED_BY(mu_);
  bool reader_told_ GUARDED_BY(mu_) = false;
};

}  // namespace beamlink
