#include "etf/leaf_run.h"

#include <cstring>

#include <ei.h>

#include "etf/ei_bounds.h"

namespace beamlink {
namespace {

// The end of an EiBuffer, which learns only now and then how much has been written.
class BufferEnd {
 public:
  explicit BufferEnd(EiBuffer* out) : out_(out) { Open(0); }
  BufferEnd(const BufferEnd&) = delete;
  BufferEnd& operator=(const BufferEnd&) = delete;
  ~BufferEnd() { Close(); }

  char* Room(size_t bytes) {
    if (static_cast<size_t>(end_ - to_) < bytes) {
      Close();
      Open(bytes);
    }
    return to_;
  }
  void Advance(size_t bytes) { to_ += bytes; }

 private:
  void Open(size_t bytes) {
    start_ = to_ = reinterpret_cast<char*>(out_->Reserve(bytes));
    end_ = start_ + out_->room();
  }
  void Close() { out_->Advance(static_cast<size_t>(to_ - start_)); }

  EiBuffer* const out_;
  char* start_ = nullptr;
  char* to_ = nullptr;
  char* end_ = nullptr;
};

bool WriteInt(int32_t value, BufferEnd* out) {
  int written = 0;
  if (ei_encode_long(out->Room(kInt32Bound), &written, value) != 0) return false;
  out->Advance(static_cast<size_t>(written));
  return true;
}

// What the book has for an id: nothing when the id is unknown.
bool WriteKnown(std::span<const uint8_t> encoded, BufferEnd* out) {
  if (encoded.empty()) return false;
  std::memcpy(out->Room(encoded.size()), encoded.data(), encoded.size());
  out->Advance(encoded.size());
  return true;
}

bool WriteBinary(int32_t offset, int32_t length, std::span<const uint8_t> text, BufferEnd* out) {
  const auto from = static_cast<size_t>(offset);
  const auto size = static_cast<size_t>(length);
  if (offset < 0 || length <= 0 || from > text.size() || size > text.size() - from) return false;
  if (size > kMaxEiBytes) return false;
  int written = 0;
  char* const to = out->Room(kBinaryHeader + size);
  if (ei_encode_binary(to, &written, text.data() + from, length) != 0) return false;
  // Not `written`: what comes next would wait for it to come back from memory.
  out->Advance(kBinaryHeader + size);
  return true;
}

}  // namespace

uint32_t WriteLeafRun(OpCursor* in, const AtomBook& book, EiBuffer* out, uint32_t limit) {
  const std::span<const int32_t> words = in->rest();
  const std::span<const uint8_t> text = in->tape().text;
  BufferEnd to(out);
  size_t at = 0;
  uint32_t count = 0;
  for (; count < limit && words.size() - at >= 3; count++) {
    const int32_t* const op = words.data() + at;
    if (op[0] == kBinary) {
      if (!WriteBinary(op[1], op[2], text, &to)) break;
      at += 3;
    } else if (op[0] == kKey) {
      if (!WriteKnown(book.EncodedKey(static_cast<uint32_t>(op[1])), &to)) break;
      at += 2;
    } else if (op[0] == kInt) {
      if (!WriteInt(op[1], &to)) break;
      at += 2;
    } else if (op[0] == kAtom) {
      if (!WriteKnown(book.Encoded(static_cast<uint32_t>(op[1])), &to)) break;
      at += 2;
    } else {
      break;
    }
  }
  in->Skip(at);
  return count;
}

}  // namespace beamlink
