#include "etf/tape_decoder.h"

#include <climits>

#include "etf/leaf_decoder.h"
#include "etf/tape_numbers.h"
#include "etf/term_cursor.h"

namespace beamlink {
namespace {

enum class Outcome { kWhole, kWrong, kRare };

}  // namespace

// Reads the values that most terms consist of, and goes from container to container.
//
// A run is never given away by address and all of it is inlined, so that the places to read and to
// write and the innermost container stay in registers, which takes 0.55 to 0.7 of the time. Others
// get copies.
class TapeDecoder::Run {
 public:
  Run(TapeDecoder* decoder, const TermCursor& in)
      : decoder_(decoder), in_(in), to_(&decoder->tape_) {}

  // Stops where the root is whole, at a value or an end of a list that is not for here, and where
  // the bytes go wrong.
  Outcome Go() {
    for (;;) {
      if (frame_.left == 0) {
        if (frame_.op == kStop) return Outcome::kWhole;
        if (frame_.op == kList && !in_.SkipNil()) return Outcome::kRare;
        to_.Push(frame_.op, frame_.count);
        decoder_->Leave(&frame_);
        continue;
      }
      uint8_t tag = 0;
      if (!in_.Tag(&tag)) return Outcome::kWrong;
      const Outcome outcome = Value(tag);
      if (outcome != Outcome::kWhole) return outcome;
    }
  }

  // Hands over to others.
  Frame Pause(TermCursor* in) {
    to_.Close();
    *in = in_;
    return frame_;
  }
  void Resume(const TermCursor& in, const Frame& frame) {
    to_.Open();
    in_ = in;
    frame_ = frame;
  }

 private:
  Outcome Value(uint8_t tag) {
    uint32_t count = 0;
    switch (tag) {
      case kTagBinary:
        return Binary();
      case kTagSmallAtomUtf8:
        return Atom();
      case kTagSmallInteger:
      case kTagInteger:
        return Integer();
      case kTagSmallTuple:
      case kTagLargeTuple:
        return Tuple();
      case kTagMap:
        return in_.MapHeader(&count) ? Open(kMap, count, count * 2) : Outcome::kWrong;
      case kTagList:
        if (!in_.ListHeader(&count)) return Outcome::kWrong;
        // Of a list without elements the tail is all: the next value takes its place.
        return count > 0 ? Open(kList, count, count) : Outcome::kWhole;
      default:
        return Outcome::kRare;
    }
  }

  Outcome Binary() {
    ByteRange bytes;
    if (!in_.Binary(&bytes)) return Outcome::kWrong;
    to_.Push(kBinary, bytes.offset, bytes.length);
    frame_.left--;
    return Outcome::kWhole;
  }

  Outcome Tuple() {
    uint32_t count = 0;
    if (!in_.TupleHeader(&count)) return Outcome::kWrong;
    if (count == 2 && in_.NextIs(kTagBinary) && BinaryPairs()) return Outcome::kWhole;
    return Open(kTuple, count, count);
  }

  // Tuples of two binaries that follow each other; the header of the first has been read. False
  // when that is no such tuple, or must not be: who reads its elements tells what is wrong.
  bool BinaryPairs() {
    if (decoder_->frames_.size() >= decoder_->max_depth_) return false;
    TermCursor behind = in_;
    ByteRange first;
    ByteRange second;
    if (!behind.TryBinary(&first) || !behind.TryBinary(&second)) return false;
    to_.Push(kBinaryPairs, 0);
    const size_t count_word = to_.size() - 1;
    uint32_t count = 0;
    uint32_t arity = 0;
    do {
      to_.Push(first.offset, first.length, second.offset, second.length);
      in_ = behind;
      count++;
    } while (count < frame_.left && behind.NextIs(kTagSmallTuple) && behind.TupleHeader(&arity) &&
             arity == 2 && behind.TryBinary(&first) && behind.TryBinary(&second));
    to_.Set(count_word, count);
    decoder_->tape_.Weigh(count * kWeightOfPair);
    frame_.left -= count;
    return true;
  }

  // One that is in the table.
  Outcome Atom() {
    TermCursor behind = in_;
    AtomRange atom;
    if (!behind.Atom(&atom)) return Outcome::kRare;
    const int32_t id = decoder_->atoms_->Find(behind.Text(atom.text));
    if (id < 0 || !decoder_->IsMet(id)) return Outcome::kRare;
    to_.Push(kAtom, id);
    in_ = behind;
    frame_.left--;
    return Outcome::kWhole;
  }

  // One that is no part of a run of integers.
  Outcome Integer() {
    TermCursor behind = in_;
    int32_t value = 0;
    if (!behind.TryInteger(&value)) return Outcome::kRare;
    if (frame_.left == 1) {
      if (frame_.op == kList && frame_.count == 1) return Outcome::kRare;
    } else if (behind.NextIs(kTagSmallInteger) || behind.NextIs(kTagInteger)) {
      return Outcome::kRare;
    }
    to_.Push(kInt, value);
    in_ = behind;
    frame_.left--;
    return Outcome::kWhole;
  }

  Outcome Open(TapeOp op, uint32_t count, uint32_t values) {
    std::vector<Frame>& frames = decoder_->frames_;
    if (frames.size() >= decoder_->max_depth_) {
      in_.Fail(StatusCode::kTooLarge, "a term nested too deep");
      return Outcome::kWrong;
    }
    frame_.left--;
    frames.push_back(frame_);
    frame_ = {op, values, count};
    return Outcome::kWhole;
  }

  TapeDecoder* const decoder_;
  TermCursor in_;
  TapeEnd to_;
  Frame frame_{kStop, 1, 1};  // the innermost container; the root stands in one of its own
};

Status TapeDecoder::Term(std::span<const uint8_t> bytes, size_t* index) {
  if (bytes.size() > INT_MAX) return {StatusCode::kTooLarge, "terms of 2 GiB or more"};
  const size_t before = tape_.size();
  TermCursor in(bytes, *index);
  LeafDecoder leaves(&in, atoms_, met_, &tape_);
  frames_.clear();
  const bool complete = Values(&in, &leaves);
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

[[gnu::flatten]] bool TapeDecoder::Values(TermCursor* in, LeafDecoder* leaves) {
  if (in->NextIs(kTagLocal)) return leaves->Local();
  Run run(this, *in);
  for (;;) {
    const Outcome outcome = run.Go();
    Frame frame = run.Pause(in);
    if (outcome == Outcome::kWhole) return true;
    if (outcome == Outcome::kWrong || !Rare(in, leaves, &frame)) return false;
    run.Resume(*in, frame);
  }
}

bool TapeDecoder::Rare(TermCursor* in, LeafDecoder* leaves, Frame* frame) {
  if (frame->left == 0) return ListTail(in, leaves, frame);
  uint8_t tag = 0;
  if (!in->Tag(&tag)) return false;
  if (IsGathered(tag)) {
    const bool may_be_list = frame->op == kList && frame->left == frame->count;
    const GatheredNumbers numbers = GatherNumbers(tag, in, frame->left, may_be_list, &tape_);
    frame->left -= numbers.count;
    if (numbers.whole_list) Leave(frame);
    if (numbers.count > 0) return true;
  }
  frame->left--;
  return leaves->Read(tag);
}

// A tail that is a list makes one list with what is before it: `[1 | [2]]` is `[1, 2]`.
bool TapeDecoder::ListTail(TermCursor* in, LeafDecoder* leaves, Frame* frame) {
  uint32_t more = 0;
  if (in->NextIs(kTagList)) {
    if (!in->ListHeader(&more)) return false;
    frame->left = more;
    frame->count += more;
    return true;
  }
  if (!in->NextIs(kTagString)) {
    frame->op = kImproper;
    frame->left = 1;
    return true;
  }
  if (!leaves->StringElements(&more)) return false;
  tape_.Push(kList, frame->count + more);
  Leave(frame);
  return true;
}

}  // namespace beamlink
