#include "io/direct_reads.h"

#include <algorithm>
#include <utility>

#if defined(__linux__)
#include <sys/epoll.h>
#endif

namespace beamlink {

#if defined(__linux__)

namespace {
constexpr size_t kMostAtOnce = 64;
}  // namespace

DirectReads::DirectReads(std::function<void()> added)
    : added_(std::move(added)), set_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool DirectReads::Add(int fd, uint32_t channel) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u32 = channel;
  if (!enabled_ || ::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return false;
  added_();
  return true;
}

void DirectReads::Remove(int fd) {
  (void)::epoll_ctl(set_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

size_t DirectReads::Ready(std::span<uint32_t> channels) const {
  epoll_event events[kMostAtOnce];
  const auto most = static_cast<int>(std::min(channels.size(), kMostAtOnce));
  const int count = ::epoll_wait(set_.get(), events, most, 0);
  for (int i = 0; i < count; i++)
    channels[static_cast<size_t>(i)] = events[i].data.u32;
  return count < 0 ? 0 : static_cast<size_t>(count);
}

#else

DirectReads::DirectReads(std::function<void()> added) : added_(std::move(added)) {}
bool DirectReads::Add(int, uint32_t) {
  return false;
}
void DirectReads::Remove(int) {}
size_t DirectReads::Ready(std::span<uint32_t>) const {
  return 0;
}

#endif

}  // namespace beamlink
