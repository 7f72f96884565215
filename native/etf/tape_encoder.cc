#include "etf/tape_encoder.h"

#include <ei.h>

#include "etf/leaf_encoder.h"
#include "etf/leaf_run.h"
#include "etf/op_cursor.h"

namespace beamlink {
namespace {

constexpr uint32_t kWorthRun = 4;  // fewer values are written faster one by one

constexpr size_t HeaderBytes(TapeOp op, int count) {
  if (op == kTuple && count <= UINT8_MAX) return 2;
  return op != kTuple && op != kMap && count == 0 ? 1 : 5;
}

bool WriteHeader(TapeOp op, int count, EiBuffer* out) {
  return out->WriteExactly(HeaderBytes(op, count), [op, count](char* buf, int* index) {
    switch (op) {
      case kTuple:
        return ei_encode_tuple_header(buf, index, count);
      case kMap:
        return ei_encode_map_header(buf, index, count);
      default:
        return ei_encode_list_header(buf, index, count);
    }
  });
}

}  // namespace

// One value with all that is in it.
class TapeEncoder::Run {
 public:
  Run(OpCursor* in, const AtomBook* book, LeafEncoder* leaves, EiBuffer* out,
      std::vector<Frame>* frames)
      : in_(in), book_(book), leaves_(leaves), out_(out), frames_(frames) {}

  bool Value() {
    int32_t op = kStop;
    if (!in_->Word(&op) || !One(op)) return false;
    while (!frames_->empty()) {
      if (!(frames_->back().left == 0 ? Close() : Element())) return false;
    }
    return true;
  }

 private:
  bool Element() {
    Frame& frame = frames_->back();
    if (frame.left >= kWorthRun) frame.left -= WriteLeafRun(in_, *book_, out_, frame.left);
    if (frame.left == 0) return true;
    int32_t op = kStop;
    if (!in_->Word(&op)) return false;
    if (op == kInts || op == kWides || op == kFloats) return Numbers(op, &frame);
    frame.left--;
    return One(op);
  }

  bool Numbers(int32_t op, Frame* frame) {
    uint32_t count = 0;
    if (frame->op == kJump || !leaves_->WriteNumbers(op, frame->left, &count)) return false;
    frame->left -= count;
    return true;
  }

  bool One(int32_t op) {
    switch (op) {
      case kInt:
        return leaves_->Int();
      case kAtom:
        return leaves_->Atom();
      case kKey:
        return leaves_->Key();
      case kBinary:
        return leaves_->Binary();
      case kNil:
        return WriteHeader(kList, 0, out_);
      case kList:
      case kTuple:
      case kMap:
      case kImproper:
        return Open(static_cast<TapeOp>(op));
      case kJump:
        return Jump();
      case kRaw:
        return leaves_->WriteRaw(frames_->empty());
      default:
        return leaves_->Write(op);
    }
  }

  // Not inlined: One() is called for every value and must not save registers for this.
  [[gnu::noinline]] bool Open(TapeOp op) {
    int32_t count = 0;
    // Each value takes a word at least, be it that of a jump.
    if (!in_->Word(&count) || count < 0 || static_cast<size_t>(count) > in_->left()) return false;
    if (op == kImproper && count == 0) return false;
    if (!WriteHeader(op, count, out_)) return false;
    if (count == 0) return true;
    auto values = static_cast<uint32_t>(count);
    if (op == kMap) values *= 2;
    if (op == kImproper) values += 1;
    frames_->push_back({op, values, 0});
    return true;
  }

  bool Jump() {
    int32_t to = 0;
    if (!in_->Word(&to) || to < 0) return false;
    frames_->push_back({kJump, 1, in_->at()});
    return in_->MoveTo(static_cast<size_t>(to));
  }

  bool Close() {
    const Frame frame = frames_->back();
    frames_->pop_back();
    if (frame.op == kJump) return in_->MoveTo(frame.resume);
    return frame.op != kList || WriteHeader(kList, 0, out_);
  }

  OpCursor* const in_;
  const AtomBook* const book_;
  LeafEncoder* const leaves_;
  EiBuffer* const out_;
  std::vector<Frame>* const frames_;
};

Status TapeEncoder::Value(const EncodeTape& tape, size_t* at, EiBuffer* out,
                          std::vector<Splice>* splices) {
  const size_t size_before = out->size();
  const size_t splices_before = splices == nullptr ? 0 : splices->size();
  OpCursor in(tape, *at);
  LeafEncoder leaves(&in, book_, out, splices);
  frames_.clear();
  if (Run(&in, book_, &leaves, out, &frames_).Value()) {
    *at = in.at();
    return Status::Ok();
  }
  out->Truncate(size_before);
  if (splices != nullptr) splices->resize(splices_before);
  return {StatusCode::kMalformed, "an encode tape that does not keep to its grammar"};
}

}  // namespace beamlink
