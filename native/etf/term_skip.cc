#include "etf/term_skip.h"

#include "etf/ei_bounds.h"

namespace beamlink {
namespace {

bool SkipAtom(TermCursor* in) {
  AtomRange atom;
  char name[MAXATOMLEN_UTF8];
  size_t length = 0;
  return in->Atom(&atom) && in->AtomName(atom, name, &length);
}

bool SkipNumber(TermCursor* in, uint8_t tag) {
  if (tag == kTagSmallInteger || tag == kTagInteger) {
    int32_t value = 0;
    return in->Integer(&value);
  }
  if (tag == kTagSmallBig || tag == kTagLargeBig) {
    Magnitude big;
    return in->Big(&big);
  }
  double value = 0;
  return in->Float(&value);
}

bool SkipBytes(TermCursor* in, uint8_t tag) {
  ByteRange bytes;
  uint32_t bits = 0;
  return tag == kTagString ? in->String(&bytes) : in->Bitstring(&bytes, &bits);
}

bool SkipPid(TermCursor* in) {
  PidParts pid;
  return in->Pid(&pid);
}

bool SkipPort(TermCursor* in) {
  PortParts port;
  return in->Port(&port);
}

bool SkipRef(TermCursor* in) {
  RefParts ref;
  return in->Ref(&ref);
}

// The steps below add the terms that must follow to `*pending`.

bool SkipList(TermCursor* in, uint64_t* pending) {
  const bool nil = in->NextIs(kTagNil);
  uint32_t arity = 0;
  if (!in->ListHeader(&arity)) return false;
  if (!nil) *pending += uint64_t{arity} + 1;
  return true;
}

bool SkipTuple(TermCursor* in, uint64_t* pending) {
  uint32_t arity = 0;
  if (!in->TupleHeader(&arity)) return false;
  *pending += arity;
  return true;
}

bool SkipMap(TermCursor* in, uint64_t* pending) {
  uint32_t pairs = 0;
  if (!in->MapHeader(&pairs)) return false;
  *pending += uint64_t{pairs} * 2;
  return true;
}

// The size that an inner fun claims is checked to fit, not to be exact: that would take a stack.
bool SkipFun(TermCursor* in, uint64_t* pending) {
  FunParts fun;
  if (!in->FunHeader(&fun)) return false;
  *pending += fun.free_variables;
  return true;
}

bool SkipExport(TermCursor* in) {
  int32_t arity = 0;
  return in->ExportHeader() && SkipAtom(in) && SkipAtom(in) && in->ExportArity(&arity);
}

bool SkipOne(TermCursor* in, uint64_t* pending) {
  uint8_t tag = 0;
  if (!in->Tag(&tag)) return false;
  switch (tag) {
    case kTagSmallInteger:
    case kTagInteger:
    case kTagSmallBig:
    case kTagLargeBig:
    case kTagFloat:
    case kTagNewFloat:
      return SkipNumber(in, tag);
    case kTagAtom:
    case kTagSmallAtom:
    case kTagAtomUtf8:
    case kTagSmallAtomUtf8:
      return SkipAtom(in);
    case kTagString:
    case kTagBinary:
    case kTagBitBinary:
      return SkipBytes(in, tag);
    case kTagNil:
    case kTagList:
      return SkipList(in, pending);
    case kTagSmallTuple:
    case kTagLargeTuple:
      return SkipTuple(in, pending);
    case kTagMap:
      return SkipMap(in, pending);
    case kTagPid:
    case kTagNewPid:
      return SkipPid(in);
    case kTagPort:
    case kTagNewPort:
    case kTagV4Port:
      return SkipPort(in);
    case kTagReference:
    case kTagNewReference:
    case kTagNewerReference:
      return SkipRef(in);
    case kTagFun:
    case kTagNewFun:
      return SkipFun(in, pending);
    case kTagExport:
      return SkipExport(in);
    default:
      return in->Unknown(tag);
  }
}

}  // namespace

bool SkipTerms(TermCursor* in, uint64_t count) {
  while (count > 0) {
    // Each term takes a byte at least.
    if (count > in->left()) return in->Fail(StatusCode::kMalformed, "more terms than bytes");
    count--;
    if (!SkipOne(in, &count)) return false;
  }
  return true;
}

bool IsOneTerm(std::span<const uint8_t> bytes, bool local_is_good) {
  if (bytes.size() > kMaxEiBytes) return false;
  TermCursor in(bytes, 0);
  if (in.NextIs(kTagLocal)) return local_is_good;
  return SkipTerms(&in, 1) && in.left() == 0;
}

}  // namespace beamlink
