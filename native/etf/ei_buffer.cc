#include "etf/ei_buffer.h"

#include <algorithm>
#include <utility>

namespace beamlink {
namespace {

constexpr size_t kFirstCapacity = 256;

}  // namespace

EiBuffer& EiBuffer::operator=(EiBuffer&& other) noexcept {
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  own_ = std::exchange(other.own_, OwnedBytes());
  return *this;
}

OwnedBytes EiBuffer::Take() {
  OwnedBytes taken;
  if (InBlock()) {
    taken = OwnedBytes::CopyOf(bytes());
  } else {
    taken = std::exchange(own_, OwnedBytes());
    taken.Resize(size_);
  }
  *this = EiBuffer();
  return taken;
}

void EiBuffer::Grow(size_t bytes) {
  const size_t capacity = std::max({size_ + bytes, capacity_ * 2, kFirstCapacity});
  if (InBlock()) {
    OwnedBytes larger(capacity);
    if (size_ > 0) std::memcpy(larger.data(), data_, size_);
    own_ = std::move(larger);
  } else {
    own_.Resize(capacity);
  }
  data_ = own_.data();
  capacity_ = capacity;
}

}  // namespace beamlink
