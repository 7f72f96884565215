// The end of an EiBuffer, as a value that stays in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "etf/ei_buffer.h"

namespace beamlink {

// The buffer learns only when told how much has been written. Between Close and Open it may be used
// itself.
class BufferEnd {
 public:
  explicit BufferEnd(EiBuffer* out) : out_(out) { Open(); }
  BufferEnd(const BufferEnd&) = delete;
  BufferEnd& operator=(const BufferEnd&) = delete;
  ~BufferEnd() = default;

  void Open() { Open(0); }
  void Close() { out_->Advance(static_cast<size_t>(to_ - start_)); }

  // Room for `bytes` behind what is written; valid until the next call of anything here.
  char* Room(size_t bytes) {
    if (static_cast<size_t>(end_ - to_) < bytes) {
      Close();
      Open(bytes);
    }
    return to_;
  }
  // Counts `bytes` of that room as written.
  void Advance(size_t bytes) { to_ += bytes; }

 private:
  void Open(size_t bytes) {
    start_ = to_ = reinterpret_cast<char*>(out_->Reserve(bytes));
    end_ = start_ + out_->room();
  }

  EiBuffer* const out_;
  char* start_ = nullptr;
  char* to_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace beamlink
