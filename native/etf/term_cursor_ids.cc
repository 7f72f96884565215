// The steps of TermCursor for terms that carry the name of a node or module.
#include <cstring>

#include "etf/term_cursor.h"

namespace beamlink {
namespace {

// Before OTP 23 a creation was two bits in one byte; Erlang refuses the other values.
constexpr uint8_t kMaxOldCreation = 3;

}  // namespace

bool TermCursor::NodeAt(size_t lead, size_t tail, AtomRange* node) {
  if (!Proves(lead)) return false;
  if (!AtomAt(at_ + lead, node)) return false;
  const size_t end = node->text.offset + node->text.length;
  if (static_cast<size_t>(end_ - begin_) - end < tail) {
    return FailHere("the bytes end within a term");
  }
  // ei keeps the name as a C string.
  if (Text(node->text).find('\0') != std::string_view::npos) {
    return FailHere("a node's name with a NUL");
  }
  return true;
}

bool TermCursor::OldCreation(size_t offset) {
  return begin_[offset] <= kMaxOldCreation || FailHere("a creation above 3 in an old tag");
}

bool TermCursor::Pid(PidParts* pid) {
  const bool old = NextIs(kTagPid);
  if (!NodeAt(1, old ? 9 : 12, &pid->node)) return false;
  const size_t end = pid->node.text.offset + pid->node.text.length;
  if (old && !OldCreation(end + 8)) return false;
  erlang_pid parts;
  int index = 0;
  if (ei_decode_pid(ei_at(), &index, &parts) != 0) return FailHere("no pid");
  pid->id = parts.num;
  pid->serial = parts.serial;
  pid->creation = parts.creation;
  at_ += index;
  return true;
}

bool TermCursor::Port(PortParts* port) {
  const bool old = NextIs(kTagPort);
  const size_t tail = old ? 5 : NextIs(kTagNewPort) ? 8 : 12;
  if (!NodeAt(1, tail, &port->node)) return false;
  const size_t end = port->node.text.offset + port->node.text.length;
  if (old && !OldCreation(end + 4)) return false;
  erlang_port parts;
  int index = 0;
  if (ei_decode_port(ei_at(), &index, &parts) != 0) return FailHere("no port");
  // ei widens the 32 bits of the older tags with their sign.
  port->id = tail == 12 ? parts.id : parts.id & 0xFFFFFFFF;
  port->creation = parts.creation;
  at_ += index;
  return true;
}

bool TermCursor::RefHeader(AtomRange* node) {
  if (NextIs(kTagReference)) {
    if (!NodeAt(1, 5, node)) return false;
    return OldCreation(node->text.offset + node->text.length + 4);
  }
  if (!Proves(2)) return false;
  const size_t count = LoadU16(at_ + 1);
  if (count < 1 || count > kMaxRefWords) return FailHere("a reference of other than 1 to 5 words");
  const bool newer = NextIs(kTagNewerReference);
  if (!NodeAt(3, (newer ? 4 : 1) + 4 * count, node)) return false;
  return newer || OldCreation(node->text.offset + node->text.length);
}

bool TermCursor::Ref(RefParts* ref) {
  if (!RefHeader(&ref->node)) return false;
  erlang_ref parts;
  int index = 0;
  if (ei_decode_ref(ei_at(), &index, &parts) != 0) return FailHere("no reference");
  ref->word_count = static_cast<uint32_t>(parts.len);
  std::memcpy(ref->words, parts.n, ref->word_count * sizeof(ref->words[0]));
  ref->creation = parts.creation;
  at_ += index;
  return true;
}

bool TermCursor::FunHeader(FunParts* fun) {
  return NextIs(kTagNewFun) ? NewFunHeader(fun) : OldFunHeader(fun);
}

// 112 size:32 arity:8 uniq:128 index:32 free:32 module old_index old_uniq pid
//
// ei_decode_fun is not safe here, whatever is proved: it copies the free variables by the size that
// the bytes claim, and gives no range. Its parts are read one by one.
bool TermCursor::NewFunHeader(FunParts* fun) {
  constexpr size_t kFixed = 4 + 1 + 16 + 4 + 4;
  if (!NextIs(kTagNewFun) || !Proves(kFixed)) return FailHere("no whole fun");
  const size_t size = LoadU32(at_ + 1);
  if (size < kFixed || size > left() - 1) return FailHere("a fun of another size than it claims");
  fun->end = index() + 1 + size;
  fun->arity = at_[5];
  fun->index = static_cast<int32_t>(LoadU32(at_ + 22));
  fun->free_variables = LoadU32(at_ + 26);
  at_ += 1 + kFixed;
  int32_t old_index = 0;
  PidParts creator;
  if (!Atom(&fun->module) || !Integer(&old_index) || !Integer(&fun->uniq) || !Pid(&creator)) {
    return false;
  }
  return fun->free_variables <= left() || FailHere("a fun of more free variables than bytes");
}

// 117 free:32 pid module index uniq
bool TermCursor::OldFunHeader(FunParts* fun) {
  if (!NextIs(kTagFun) || !Proves(4)) return FailHere("no whole fun");
  fun->end = 0;
  fun->arity = -1;
  fun->free_variables = LoadU32(at_ + 1);
  at_ += 5;
  PidParts creator;
  if (!Pid(&creator) || !Atom(&fun->module) || !Integer(&fun->index) || !Integer(&fun->uniq)) {
    return false;
  }
  return fun->free_variables <= left() || FailHere("a fun of more free variables than bytes");
}

// 113 module function arity, the three as terms. Read one by one, since ei_decode_fun allocates.
bool TermCursor::ExportHeader() {
  if (!NextIs(kTagExport)) return FailHere("no external fun");
  at_++;
  return true;
}

bool TermCursor::ExportArity(int32_t* arity) {
  if (!Integer(arity)) return false;
  return (*arity >= 0 && *arity <= 255) || FailHere("an arity beyond 255");
}

}  // namespace beamlink
