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
  uint8_t tag = 0;
  if (!in->Tag(&tag)) return false;
  if (tag == kTagLocal) return leaves->Local();
  if (!Value(in, leaves, tag)) return false;
  while (!frames_.empty()) {
    if (!(frames_.back().left == 0 ? Close(in, leaves) : Element(in, leaves))) return false;
  }
  return true;
}

bool TapeDecoder::Element(TermCursor* in, LeafDecoder* leaves) {
  Frame& frame = frames_.back();
  uint8_t tag = 0;
  if (!in->Tag(&tag)) return false;
  if (IsGathered(tag)) {
    const bool may_be_list = frame.op == kList && frame.left == frame.count;
    const GatheredNumbers numbers = GatherNumbers(tag, in, frame.left, may_be_list, &tape_);
    frame.left -= numbers.count;
    if (numbers.whole_list) frames_.pop_back();
    if (numbers.count > 0) return true;
  }
  frame.left--;
  return Value(in, leaves, tag);
}

bool TapeDecoder::Value(TermCursor* in, LeafDecoder* leaves, uint8_t tag) {
  uint32_t count = 0;
  switch (tag) {
    case kTagBinary:
      return leaves->Binary();
    case kTagSmallAtomUtf8:
      return leaves->Atom();
    case kTagSmallTuple:
    case kTagLargeTuple:
      return in->TupleHeader(&count) && Open(in, kTuple, count, count);
    case kTagMap:
      return in->MapHeader(&count) && Open(in, kMap, count, count * 2);
    case kTagList:
      return List(in, leaves);
    default:
      return leaves->Read(tag);
  }
}

bool TapeDecoder::List(TermCursor* in, LeafDecoder* leaves) {
  uint32_t count = 0;
  while (in->NextIs(kTagList)) {
    if (!in->ListHeader(&count)) return false;
    if (count > 0) return Open(in, kList, count, count);
  }
  // Of a list without elements the tail is all, and it is no such list again.
  uint8_t tag = 0;
  return in->Tag(&tag) && Value(in, leaves, tag);
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
  if (!in->SkipNil()) {
    if (in->NextIs(kTagList)) {
      if (!in->ListHeader(&more)) return false;
      frame.left = more;
      frame.count += more;
      return true;
    }
    if (!in->NextIs(kTagString)) {
      frame.op = kImproper;
      frame.left = 1;
      return true;
    }
    if (!leaves->StringElements(&more)) return false;
  }
  tape_.Push(kList, frame.count + more);
  frames_.pop_back();
  return true;
}

}  // namespace beamlink
