#include "etf/tape_encoder.h"

#include <array>
#include <cstring>

#include <ei.h>

#include "etf/buffer_end.h"
#include "etf/ei_bounds.h"
#include "etf/leaf_encoder.h"
#include "etf/op_cursor.h"

namespace beamlink {
namespace {

enum class Outcome { kWhole, kWrong, kRare };

constexpr size_t HeaderBytes(TapeOp op, int count) {
  if (op == kTuple && count <= UINT8_MAX) return 2;
  return op != kTuple && op != kMap && count == 0 ? 1 : 5;
}

bool WriteHeader(TapeOp op, int count, char* to) {
  int written = 0;
  switch (op) {
    case kTuple:
      return ei_encode_tuple_header(to, &written, count) == 0;
    case kMap:
      return ei_encode_map_header(to, &written, count) == 0;
    default:
      return ei_encode_list_header(to, &written, count) == 0;
  }
}

bool AppendHeader(TapeOp op, int count, EiBuffer* out) {
  const size_t size = HeaderBytes(op, count);
  if (!WriteHeader(op, count, reinterpret_cast<char*>(out->Reserve(size)))) return false;
  out->Advance(size);
  return true;
}

// The first and the last `kPart` bytes, which overlap unless there are twice as many.
template <size_t kPart>
void CopyEnds(const uint8_t* from, size_t size, char* to) {
  std::array<uint8_t, kPart> first;
  std::array<uint8_t, kPart> last;
  std::memcpy(first.data(), from, kPart);
  std::memcpy(last.data(), from + size - kPart, kPart);
  std::memcpy(to, first.data(), kPart);
  std::memcpy(to + size - kPart, last.data(), kPart);
}

// Names are short: a call of memcpy would take as long as all else that is done for one.
void CopyName(const uint8_t* from, size_t size, char* to) {
  if (size > 32 || size < 4) {
    std::memcpy(to, from, size);
  } else if (size > 16) {
    CopyEnds<16>(from, size, to);
  } else if (size >= 8) {
    CopyEnds<8>(from, size, to);
  } else {
    CopyEnds<4>(from, size, to);
  }
}

// Each value takes a word at least, be it that of a jump.
bool IsCount(int32_t count, const OpCursor& in) {
  return count >= 0 && static_cast<size_t>(count) <= in.left();
}

}  // namespace

// Writes the values that most tapes consist of, and goes from container to container.
//
// A run is never given away by address and all of it is inlined, so that the places to read and to
// write and the innermost container stay in registers, which takes 0.6 to 0.8 of the time. Others
// get copies.
class TapeEncoder::Run {
 public:
  Run(TapeEncoder* encoder, const OpCursor& in, EiBuffer* out)
      : encoder_(encoder), in_(in), to_(out) {}

  // Stops where the root is whole, and before a value that is not for here or is malformed.
  Outcome Go() {
    for (;;) {
      while (frame_.left > 0) {
        const Outcome outcome = Value();
        if (outcome != Outcome::kWhole) return outcome;
      }
      if (frame_.op == kStop) return Outcome::kWhole;
      if (!Close()) return Outcome::kWrong;
    }
  }

  // Hands over to others.
  Frame Pause(OpCursor* in) {
    to_.Close();
    *in = in_;
    return frame_;
  }
  void Resume(const OpCursor& in, const Frame& frame) {
    to_.Open();
    in_ = in;
    frame_ = frame;
  }

 private:
  Outcome Value() {
    const std::span<const int32_t> words = in_.rest();
    if (words.size() < 2) return Outcome::kRare;
    switch (words[0]) {
      case kBinary:
        return Written(3, words.size() >= 3 && Binary(words[1], words[2]));
      case kKey:
        return Written(2, Known(encoder_->book_->EncodedKey(static_cast<uint32_t>(words[1]))));
      case kInt:
        return Written(2, Int(words[1]));
      case kAtom:
        return Written(2, Known(encoder_->book_->Encoded(static_cast<uint32_t>(words[1]))));
      case kList:
      case kTuple:
      case kMap:
        in_.Skip(2);
        return Open(static_cast<TapeOp>(words[0]), words[1]) ? Outcome::kWhole : Outcome::kWrong;
      default:
        return Outcome::kRare;
    }
  }

  Outcome Written(size_t words, bool good) {
    if (!good) return Outcome::kRare;
    in_.Skip(words);
    frame_.left--;
    return Outcome::kWhole;
  }

  bool Int(int32_t value) {
    int written = 0;
    if (ei_encode_long(to_.Room(kInt32Bound), &written, value) != 0) return false;
    to_.Advance(static_cast<size_t>(written));
    return true;
  }

  // What the book has for an id: nothing when the id is unknown.
  bool Known(std::span<const uint8_t> encoded) {
    if (encoded.empty()) return false;
    CopyName(encoded.data(), encoded.size(), to_.Room(encoded.size()));
    to_.Advance(encoded.size());
    return true;
  }

  bool Binary(int32_t offset, int32_t length) {
    const std::span<const uint8_t> text = in_.tape().text;
    const auto from = static_cast<size_t>(offset);
    const auto size = static_cast<size_t>(length);
    if (offset < 0 || length <= 0 || from > text.size() || size > text.size() - from) return false;
    if (size > kMaxEiBytes) return false;
    int written = 0;
    char* const to = to_.Room(kBinaryHeader + size);
    if (ei_encode_binary(to, &written, text.data() + from, length) != 0) return false;
    // Not `written`: what comes next would wait for it to come back from memory.
    to_.Advance(kBinaryHeader + size);
    return true;
  }

  bool Header(TapeOp op, int count) {
    const size_t size = HeaderBytes(op, count);
    if (!WriteHeader(op, count, to_.Room(size))) return false;
    to_.Advance(size);
    return true;
  }

  bool Open(TapeOp op, int32_t count) {
    if (!IsCount(count, in_) || !Header(op, count)) return false;
    encoder_->Enter(op, static_cast<uint32_t>(count), &frame_);
    return true;
  }

  bool Close() {
    if (frame_.op == kJump) {
      if (!in_.MoveTo(frame_.resume)) return false;
    } else if (frame_.op == kList && !Header(kList, 0)) {
      return false;
    }
    encoder_->Leave(&frame_);
    return true;
  }

  TapeEncoder* const encoder_;
  OpCursor in_;
  BufferEnd to_;
  Frame frame_{kStop, 1, 0};  // the innermost container; the root stands in one of its own
};

Status TapeEncoder::Value(const EncodeTape& tape, size_t* at, EiBuffer* out,
                          std::vector<Splice>* splices) {
  const size_t size_before = out->size();
  const size_t splices_before = splices == nullptr ? 0 : splices->size();
  OpCursor in(tape, *at);
  LeafEncoder leaves(&in, book_, out, splices);
  frames_.clear();
  if (Values(&in, &leaves, out)) {
    *at = in.at();
    return Status::Ok();
  }
  out->Truncate(size_before);
  if (splices != nullptr) splices->resize(splices_before);
  return {StatusCode::kMalformed,
          leaves.raw_is_bad() ? "the bytes of a RawTerm, LocalTerm or Fun are not one whole term"
                              : "an encode tape that does not keep to its grammar"};
}

[[gnu::flatten]] bool TapeEncoder::Values(OpCursor* in, LeafEncoder* leaves, EiBuffer* out) {
  Run run(this, *in, out);
  for (;;) {
    const Outcome outcome = run.Go();
    Frame frame = run.Pause(in);
    if (outcome == Outcome::kWhole) return true;
    if (outcome == Outcome::kWrong || !Rare(in, leaves, out, &frame)) return false;
    run.Resume(*in, frame);
  }
}

[[gnu::noinline]] bool TapeEncoder::Rare(OpCursor* in, LeafEncoder* leaves, EiBuffer* out,
                                         Frame* frame) {
  int32_t op = kStop;
  int32_t word = 0;
  if (!in->Word(&op)) return false;
  if (op == kInts || op == kWides || op == kFloats) {
    uint32_t count = 0;
    if (frame->op == kStop || frame->op == kJump) return false;
    if (!leaves->WriteNumbers(op, frame->left, &count)) return false;
    frame->left -= count;
    return true;
  }
  const bool is_root = frame->op == kStop;
  frame->left--;
  switch (op) {
    case kNil:
      return AppendHeader(kList, 0, out);
    case kImproper:
      if (!in->Word(&word) || word == 0 || !IsCount(word, *in)) return false;
      if (!AppendHeader(kImproper, word, out)) return false;
      frame->left++;
      Enter(kImproper, static_cast<uint32_t>(word), frame);
      return true;
    case kJump:
      if (!in->Word(&word) || word < 0) return false;
      frames_.push_back(*frame);
      *frame = {kJump, 1, in->at()};
      return in->MoveTo(static_cast<size_t>(word));
    case kRaw:
      return leaves->WriteRaw(is_root);
    default:
      return leaves->Write(op);
  }
}

void TapeEncoder::Enter(TapeOp op, uint32_t count, Frame* frame) {
  frame->left--;
  if (count == 0) return;
  frames_.push_back(*frame);
  uint32_t values = count;
  if (op == kMap) values *= 2;
  if (op == kImproper) values += 1;
  *frame = {op, values, 0};
}

}  // namespace beamlink
