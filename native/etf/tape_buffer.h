// The memory a decode tape grows in: words, uninitialised until written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

#include "base/owned_bytes.h"

namespace beamlink {

class TapeBuffer {
 public:
  size_t size() const { return size_; }
  std::span<const int32_t> words() const { return {data_, size_}; }

  // Room for `words` behind what is written; valid until the next call of anything here.
  int32_t* Reserve(size_t words) {
    if (capacity_ - size_ < words) Grow(words);
    return data_ + size_;
  }
  // How many words fit behind what is written without moving it.
  size_t room() const { return capacity_ - size_; }
  // Counts `words` of the reserved room as written.
  void Advance(size_t words) { size_ += words; }

  template <typename... Words>
  void Push(Words... words) {
    const int32_t all[] = {static_cast<int32_t>(words)...};
    std::memcpy(Reserve(sizeof...(words)), all, sizeof all);
    size_ += sizeof...(words);
  }

  // Empties the tape. Memory is kept for the next one, unless this one was uncommonly long.
  void Clear() {
    constexpr size_t kKeptCapacity = size_t{256} * 1024;
    if (IsBorrowed() || capacity_ > kKeptCapacity) *this = TapeBuffer();
    size_ = 0;
    weighed_ = 0;
  }
  // Empties the tape and has it written into memory that somebody else owns and that outlives it.
  // If that turns out too small it is left behind, as with EiBuffer.
  void ClearInto(std::span<int32_t> block) {
    *this = TapeBuffer();
    data_ = block.data();
    capacity_ = block.size();
  }
  // Counts memory that values will take in JavaScript and that their words do not show.
  void Weigh(size_t bytes) { weighed_ += bytes; }
  size_t weighed() const { return weighed_; }
  //   requires: size <= size()
  void Truncate(size_t size) { size_ = size; }

 private:
  [[gnu::noinline]] void Grow(size_t words) {
    constexpr size_t kFirstCapacity = 256;
    capacity_ = std::max({size_ + words, capacity_ * 2, kFirstCapacity});
    if (IsBorrowed()) {
      OwnedBytes own(capacity_ * sizeof(int32_t));
      std::memcpy(own.data(), data_, size_ * sizeof(int32_t));
      memory_ = std::move(own);
    } else {
      memory_.Resize(capacity_ * sizeof(int32_t));
    }
    data_ = reinterpret_cast<int32_t*>(memory_.data());
    if (data_ == nullptr) std::abort();  // more bytes than can be counted
  }
  bool IsBorrowed() const { return data_ != reinterpret_cast<const int32_t*>(memory_.data()); }

  OwnedBytes memory_;
  int32_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t weighed_ = 0;
};

// The end of a TapeBuffer, which learns only when told how much has been written: the place to
// write stays in a register. Between Close and Open the buffer may be used itself.
class TapeEnd {
 public:
  explicit TapeEnd(TapeBuffer* tape) : tape_(tape) { Open(); }
  TapeEnd(const TapeEnd&) = delete;
  TapeEnd& operator=(const TapeEnd&) = delete;
  ~TapeEnd() = default;

  void Open() { Open(0); }
  void Close() { tape_->Advance(static_cast<size_t>(to_ - start_)); }

  template <typename... Words>
  void Push(Words... words) {
    if (static_cast<size_t>(end_ - to_) < sizeof...(words)) {
      Close();
      Open(sizeof...(words));
    }
    ((*to_++ = static_cast<int32_t>(words)), ...);
  }

  // The words of the tape so far.
  size_t size() const { return tape_->size() + static_cast<size_t>(to_ - start_); }
  // Fills in a word that was not known when it was pushed.
  void Set(size_t word, uint32_t value) {
    (start_ - tape_->size())[word] = static_cast<int32_t>(value);
  }

 private:
  void Open(size_t words) {
    start_ = to_ = tape_->Reserve(words);
    end_ = start_ + tape_->room();
  }

  TapeBuffer* const tape_;
  int32_t* start_ = nullptr;
  int32_t* to_ = nullptr;
  int32_t* end_ = nullptr;
};

}  // namespace beamlink
