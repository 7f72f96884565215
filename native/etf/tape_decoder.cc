#include "etf/tape_decoder.h"

#include <climits>

#include "etf/leaf_decoder.h"
#include "etf/tape_numbers.h"
#include "etf/term_cursor.h"

namespace beamlink {

Status TapeDecoder::Term(std::span<const uint8_t> bytes, size_t* index) {
  if (bytes.size() > INT_MAX) return {StatusCode::kTooLarge, "terms of 2 GiB or more"};
  const size_t before = tape_.size();
  TermCursor in(bytes, *index);
  LeafDecoder leaves(&in, atoms_, &tape_);
  frames_.clear();
  const bool complete = Root(&in, &leaves);
  *index = in.index();
  if (complete) return Status::Ok();
  tape_.Truncate(before);
  return in.status();
}

void TapeDecoder::Int(int64_t value) {
  PushInteger(value, &tape_);
}

void TapeDecoder::Atom(std::string_view utf8, size_t offset) {
  int32_t id = atoms_->Find(utf8);
  if (id < 0) id = atoms_->Intern(utf8);
  if (id >= 0) {
    tape_.Push(kAtom, id);
  } else {
    tape_.Push(kAtomText, offset, utf8.size(), 0);
  }
}

void TapeDecoder::Binary(size_t offset, size_t length) {
  tape_.Push(kBinary, offset, length);
}

bool TapeDecoder::Root(TermCursor* in, LeafDecoder* leaves) {
  if (in->NextIs(kTagLocal)) return leaves->Local();
  if (!Value(in, leaves)) return false;
  while (!frames_.empty()) {
    if (!(frames_.back().left == 0 ? Close(in, leaves) : Element(in, leaves))) return false;
  }
  return true;
}

bool TapeDecoder::Element(TermCursor* in, LeafDecoder* leaves) {
  Frame& frame = frames_.back();
  const bool may_be_list = frame.op == kList && frame.left == frame.count;
  const GatheredNumbers numbers = GatherNumbers(in, frame.left, may_be_list, &tape_);
  if (numbers.count == 0) {
    frame.left--;
    return Value(in, leaves);
  }
  if (numbers.whole_list) {
    frames_.pop_back();
  } else {
    frame.left -= numbers.count;
  }
  return true;
}

bool TapeDecoder::Value(TermCursor* in, LeafDecoder* leaves) {
  uint8_t tag = 0;
  uint32_t count = 0;
  do {
    if (!in->Tag(&tag)) return false;
    switch (tag) {
      case kTagSmallTuple:
      case kTagLargeTuple:
        return in->TupleHeader(&count) && Open(in, kTuple, count, count);
      case kTagMap:
        return in->MapHeader(&count) && Open(in, kMap, count, count * 2);
      case kTagList:
        if (!in->ListHeader(&count)) return false;
        break;
      default:
        return leaves->Read(tag);
    }
  } while (count == 0);  // of a list without elements the tail is all
  return Open(in, kList, count, count);
}

bool TapeDecoder::Open(TermCursor* in, TapeOp op, uint32_t count, uint32_t values) {
  if (frames_.size() >= max_depth_)
    return in->Fail(StatusCode::kTooLarge, "a term nested too deep");
  frames_.push_back({op, values, count});
  return true;
}

bool TapeDecoder::Close(TermCursor* in, LeafDecoder* leaves) {
  const Frame& frame = frames_.back();
  if (frame.op == kList) return ListTail(in, leaves);
  tape_.Push(frame.op, frame.count);
  frames_.pop_back();
  return true;
}

// A tail that is a list makes one list with what is before it: `[1 | [2]]` is `[1, 2]`.
bool TapeDecoder::ListTail(TermCursor* in, LeafDecoder* leaves) {
  Frame& frame = frames_.back();
  uint32_t more = 0;
  if (in->NextIs(kTagList)) {
    if (!in->ListHeader(&more)) return false;
    frame.left = more;
    frame.count += more;
    return true;
  }
  if (in->NextIs(kTagString)) {
    if (!leaves->StringElements(&more)) return false;
    frame.count += more;
  } else if (!in->SkipNil()) {
    frame.op = kImproper;
    frame.left = 1;
    return true;
  }
  tape_.Push(kList, frame.count);
  frames_.pop_back();
  return true;
}

}  // namespace beamlink
