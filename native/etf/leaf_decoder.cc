#include "etf/leaf_decoder.h"

#include <algorithm>

#include "etf/tape.h"
#include "etf/tape_numbers.h"
#include "etf/term_skip.h"

namespace beamlink {
namespace {

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<uint8_t>(c) & 0x80) != 0; });
}

}  // namespace

bool LeafDecoder::Read(uint8_t tag) {
  switch (tag) {
    case kTagSmallInteger:
    case kTagInteger:
      return Integer();
    case kTagSmallBig:
    case kTagLargeBig:
      return Big();
    case kTagFloat:
    case kTagNewFloat:
      return Float();
    case kTagAtom:
    case kTagSmallAtom:
    case kTagAtomUtf8:
    case kTagSmallAtomUtf8:
      return Atom();
    case kTagString:
      return String();
    case kTagBinary:
      return Binary();
    case kTagBitBinary:
      return Bitstring();
    case kTagNil:
      return Nil();
    case kTagPid:
    case kTagNewPid:
      return Pid();
    case kTagPort:
    case kTagNewPort:
    case kTagV4Port:
      return Port();
    case kTagReference:
    case kTagNewReference:
    case kTagNewerReference:
      return Ref();
    case kTagFun:
    case kTagNewFun:
      return Fun();
    case kTagExport:
      return Export();
    default:
      return in_->Unknown(tag);
  }
}

bool LeafDecoder::Integer() {
  int32_t value = 0;
  if (!in_->Integer(&value)) return false;
  tape_->Push(kInt, value);
  return true;
}

bool LeafDecoder::Big() {
  Magnitude big;
  if (!in_->Big(&big)) return false;
  if (big.fits && big.value <= kMaxSafeInteger && big.value >= -kMaxSafeInteger) {
    PushInteger(big.value, tape_);
  } else {
    tape_->Push(kBig, big.digits.offset, big.digits.length, big.negative ? 1 : 0);
  }
  return true;
}

bool LeafDecoder::Float() {
  double value = 0;
  if (!in_->Float(&value)) return false;
  PushDouble(kFloat, value, tape_);
  return true;
}

bool LeafDecoder::Atom() {
  AtomRange atom;
  return in_->Atom(&atom) && AtomNamed(atom);
}

bool LeafDecoder::AtomNamed(const AtomRange& atom) {
  const std::string_view text = in_->Text(atom.text);
  // What is in the table has been read by ei and checked before.
  int32_t id = !atom.latin1 || IsAscii(text) ? atoms_->Find(text) : -1;
  if (id < 0) {
    char name[MAXATOMLEN_UTF8];
    size_t length = 0;
    if (!in_->AtomName(atom, name, &length)) return false;
    id = atoms_->Intern({name, length});
    Meet(id, {name, length});
  } else {
    Meet(id, text);
  }
  if (id >= 0) {
    tape_->Push(kAtom, id);
  } else {
    tape_->Push(kAtomText, atom.text.offset, atom.text.length, atom.latin1 ? 1 : 0);
  }
  return true;
}

void LeafDecoder::Meet(int32_t id, std::string_view name) {
  if (met_ == nullptr || (id >= 0 && met_->Knows(id))) return;
  met_->Meet(id, atoms_->HashOf(name));
}

bool LeafDecoder::String() {
  ByteRange bytes;
  if (!in_->String(&bytes)) return false;
  if (bytes.length == 0) {
    tape_->Push(kNil);
  } else {
    tape_->Push(kString, bytes.offset, bytes.length);
    // An array of numbers, and as much again that the collector has not taken yet.
    tape_->Weigh(bytes.length * 2 * sizeof(double));
  }
  return true;
}

bool LeafDecoder::StringElements(uint32_t* count) {
  ByteRange bytes;
  if (!in_->String(&bytes)) return false;
  *count = static_cast<uint32_t>(bytes.length);
  if (bytes.length == 0) return true;
  tape_->Push(kInts, bytes.length);
  const uint8_t* from = in_->At(bytes.offset);
  std::copy(from, from + bytes.length, tape_->Reserve(bytes.length));
  tape_->Advance(bytes.length);
  return true;
}

bool LeafDecoder::Binary() {
  ByteRange bytes;
  if (!in_->Binary(&bytes)) return false;
  tape_->Push(kBinary, bytes.offset, bytes.length);
  return true;
}

bool LeafDecoder::Bitstring() {
  ByteRange bytes;
  uint32_t bits = 0;
  if (!in_->Bitstring(&bytes, &bits)) return false;
  if (bits == 0) {
    tape_->Push(kBinary, bytes.offset, bytes.length);
  } else {
    tape_->Push(kBits, bytes.offset, bytes.length, bits);
  }
  return true;
}

bool LeafDecoder::Nil() {
  uint32_t none = 0;
  if (!in_->ListHeader(&none)) return false;
  tape_->Push(kNil);
  return true;
}

bool LeafDecoder::Pid() {
  PidParts pid;
  if (!in_->Pid(&pid) || !AtomNamed(pid.node)) return false;
  tape_->Push(kPid, pid.id, pid.serial, pid.creation);
  return true;
}

bool LeafDecoder::Port() {
  PortParts port;
  if (!in_->Port(&port) || !AtomNamed(port.node)) return false;
  tape_->Push(kPort, port.id >> 32, port.id & 0xFFFFFFFF, port.creation);
  return true;
}

bool LeafDecoder::Ref() {
  RefParts ref;
  if (!in_->Ref(&ref) || !AtomNamed(ref.node)) return false;
  tape_->Push(kRef, ref.word_count);
  for (uint32_t i = 0; i < ref.word_count; i++)
    tape_->Push(ref.words[i]);
  tape_->Push(ref.creation);
  return true;
}

bool LeafDecoder::Fun() {
  const size_t start = in_->index();
  FunParts fun;
  if (!in_->FunHeader(&fun) || !SkipTerms(in_, fun.free_variables)) return false;
  if (fun.end != 0 && in_->index() != fun.end) {
    return in_->Fail(StatusCode::kMalformed, "a fun of another size than it claims");
  }
  if (!AtomNamed(fun.module)) return false;
  tape_->Push(kInt, fun.index);
  tape_->Push(kInt, fun.uniq);
  tape_->Push(kFun, start, in_->index() - start, fun.arity);
  return true;
}

bool LeafDecoder::Export() {
  int32_t arity = 0;
  if (!in_->ExportHeader() || !Atom() || !Atom() || !in_->ExportArity(&arity)) return false;
  tape_->Push(kInt, arity);
  tape_->Push(kExport);
  return true;
}

bool LeafDecoder::Local() {
  ByteRange bytes;
  if (!in_->Local(&bytes)) return false;
  tape_->Push(kLocal, bytes.offset, bytes.length);
  return true;
}

}  // namespace beamlink
