// Reads ETF step by step. Each step proves tag and length against the end of the bytes and only
// then calls ei_decode_*, which itself checks neither. Nothing here recurses or allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <ei.h>

#include "base/big_endian.h"
#include "base/status.h"
#include "etf/tags.h"

namespace beamlink {

struct ByteRange {
  size_t offset;
  size_t length;
};

struct AtomRange {
  size_t start;  // of the tag
  ByteRange text;
  bool latin1;
};

struct Magnitude {
  ByteRange digits;  // little-endian, without leading zeros
  bool negative;
  bool fits;      // in 64 bits, signed
  int64_t value;  // if it fits
};

struct PidParts {
  AtomRange node;
  uint32_t id;
  uint32_t serial;
  uint32_t creation;
};

struct PortParts {
  AtomRange node;
  uint64_t id;
  uint32_t creation;
};

struct RefParts {
  AtomRange node;
  uint32_t word_count;  // at least 1
  uint32_t words[kMaxRefWords];
  uint32_t creation;
};

struct FunParts {
  AtomRange module;
  int32_t arity;  // -1: FUN_EXT does not tell
  int32_t index;
  int32_t uniq;
  uint32_t free_variables;  // terms that follow
  size_t end;               // where they must end; 0: FUN_EXT does not tell
};

// A step returns false when the bytes are not what it reads; status() and index() tell what and
// where, and the cursor is of no further use.
class TermCursor {
 public:
  // `bytes` must be below 2 GiB, since ei counts in int.
  //   requires: index <= bytes.size()
  TermCursor(std::span<const uint8_t> bytes, size_t index)
      : begin_(bytes.data()), at_(begin_ + index), end_(begin_ + bytes.size()) {}

  size_t index() const { return static_cast<size_t>(at_ - begin_); }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  const uint8_t* At(size_t offset) const { return begin_ + offset; }
  std::string_view Text(const ByteRange& range) const {
    return {reinterpret_cast<const char*>(begin_ + range.offset), range.length};
  }

  // The tag of the next term, which stays unread.
  [[nodiscard]] bool Tag(uint8_t* tag) {
    if (at_ == end_) return Fail(StatusCode::kMalformed, "the bytes end where a term must begin");
    *tag = *at_;
    return true;
  }
  bool NextIs(EtfTag tag) const { return at_ != end_ && *at_ == tag; }

  // SMALL_INTEGER_EXT, INTEGER_EXT
  [[nodiscard]] bool Integer(int32_t* value) {
    return TryInteger(value) || FailHere("no whole integer");
  }
  // The same, but the cursor stays good and in its place if there is none. For runs.
  bool TryInteger(int32_t* value);
  // SMALL_BIG_EXT, LARGE_BIG_EXT
  [[nodiscard]] bool Big(Magnitude* big) { return TryBig(big) || FailHere("no whole big integer"); }
  bool TryBig(Magnitude* big);
  // The same, of a value in 64 bits that is accepted: `accept(int64_t)`.
  template <typename Accept>
  bool TryBigIf(Accept accept, int64_t* value);
  // NEW_FLOAT_EXT
  bool TryNewFloat(double* value);
  // NEW_FLOAT_EXT, FLOAT_EXT; never NaN or infinite
  [[nodiscard]] bool Float(double* value);
  // All four tags of atoms. At most 255 characters; the UTF-8 is not checked here.
  [[nodiscard]] bool Atom(AtomRange* atom);
  // Writes the atom's name as UTF-8, checked, to `name` of MAXATOMLEN_UTF8 bytes.
  [[nodiscard]] bool AtomName(const AtomRange& atom, char* name, size_t* length);

  // Containers: the header alone. The arity is proved to fit the bytes that follow.
  [[nodiscard]] bool TupleHeader(uint32_t* arity);
  [[nodiscard]] bool ListHeader(uint32_t* arity);  // LIST_EXT or NIL_EXT (0)
  [[nodiscard]] bool MapHeader(uint32_t* pairs);
  // Moves behind a NIL_EXT if that is next.
  bool SkipNil() {
    uint32_t none = 0;
    return NextIs(kTagNil) && ListHeader(&none);
  }

  [[nodiscard]] bool String(ByteRange* bytes);
  // BINARY_EXT
  [[nodiscard]] bool Binary(ByteRange* bytes) {
    return TryBinary(bytes) || FailHere("no whole binary");
  }
  // The same, but the cursor stays good and in its place if there is none.
  bool TryBinary(ByteRange* bytes);
  // BINARY_EXT, BIT_BINARY_EXT; `bits` is 0 or the number used of the last byte.
  [[nodiscard]] bool Bitstring(ByteRange* bytes, uint32_t* bits);

  [[nodiscard]] bool Pid(PidParts* pid);
  [[nodiscard]] bool Port(PortParts* port);
  [[nodiscard]] bool Ref(RefParts* ref);
  // NEW_FUN_EXT, FUN_EXT: up to the free variables.
  [[nodiscard]] bool FunHeader(FunParts* fun);
  // The tag of EXPORT_EXT; module, function and arity follow.
  [[nodiscard]] bool ExportHeader();
  [[nodiscard]] bool ExportArity(int32_t* arity);
  // LOCAL_EXT: all bytes that are left.
  [[nodiscard]] bool Local(ByteRange* bytes);

  // Gives up for a tag that starts no term we read. Always false.
  bool Unknown(uint8_t tag);
  // Gives up with a reason. Always false.
  bool Fail(StatusCode code, const char* message) {
    code_ = code;
    message_ = message;
    return false;
  }
  Status status() const { return message_ == nullptr ? Status::Ok() : Status(code_, message_); }

 private:
  const char* ei_at() const { return reinterpret_cast<const char*>(at_); }
  bool FailHere(const char* message) { return Fail(StatusCode::kMalformed, message); }
  // Proves that `bytes` are left behind the next term's tag.
  bool Proves(size_t bytes) { return left() > bytes || FailHere("the bytes end within a term"); }
  // Proves that the bytes behind a container's header of `size` bytes can hold `count` parts.
  bool Holds(uint32_t count, uint32_t bytes_each, int size);
  // The header's size of a whole SMALL_BIG_EXT or LARGE_BIG_EXT, and its digits'; 0 if none.
  size_t BigSize(size_t* digits) const;
  bool AtomAt(const uint8_t* at, AtomRange* atom);
  // The node's atom `lead` bytes from here, with `tail` bytes behind it.
  bool NodeAt(size_t lead, size_t tail, AtomRange* node);
  bool OldFloat(double* value);
  // Whether the byte at `offset` is a creation of the older tags.
  bool OldCreation(size_t offset);
  bool RefHeader(AtomRange* node);
  bool NewFunHeader(FunParts* fun);
  bool OldFunHeader(FunParts* fun);

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  StatusCode code_ = StatusCode::kOk;
  const char* message_ = nullptr;
};

inline bool TermCursor::TryInteger(int32_t* value) {
  if (at_ == end_) return false;
  const size_t size = *at_ == kTagSmallInteger ? 2 : 5;
  if ((size == 5 && *at_ != kTagInteger) || left() < size) return false;
  long number = 0;
  int index = 0;
  if (ei_decode_long(ei_at(), &index, &number) != 0) return false;
  *value = static_cast<int32_t>(number);
  at_ += size;
  return true;
}

inline bool TermCursor::TryNewFloat(double* value) {
  constexpr size_t kSize = 9;
  if (left() < kSize || *at_ != kTagNewFloat) return false;
  int index = 0;
  double number = 0;
  if (ei_decode_double(ei_at(), &index, &number) != 0) return false;
  // ei lets NaN and infinities through; Erlang has neither.
  if (!__builtin_isfinite(number)) return false;
  *value = number;
  at_ += kSize;
  return true;
}

inline size_t TermCursor::BigSize(size_t* digits) const {
  if (at_ == end_) return 0;
  const bool large = *at_ == kTagLargeBig;
  if (!large && *at_ != kTagSmallBig) return 0;
  const size_t header = large ? 6 : 3;
  if (left() < header) return 0;
  *digits = large ? LoadU32(at_ + 1) : at_[1];
  return left() - header < *digits ? 0 : header;
}

template <typename Accept>
bool TermCursor::TryBigIf(Accept accept, int64_t* value) {
  size_t digits = 0;
  if (BigSize(&digits) == 0) return false;
  int index = 0;
  long long number = 0;
  if (ei_decode_longlong(ei_at(), &index, &number) != 0 || !accept(number)) return false;
  *value = number;
  at_ += index;
  return true;
}

inline bool TermCursor::AtomAt(const uint8_t* at, AtomRange* atom) {
  if (at == end_) return FailHere("the bytes end where an atom must begin");
  const uint8_t tag = *at;
  const bool small = tag == kTagSmallAtomUtf8 || tag == kTagSmallAtom;
  if (!small && tag != kTagAtomUtf8 && tag != kTagAtom) return FailHere("no atom");
  const size_t header = small ? 2 : 3;
  const auto left = static_cast<size_t>(end_ - at);
  if (left < header) return FailHere("the bytes end within an atom");
  const size_t length = small ? at[1] : LoadU16(at + 1);
  if (left - header < length) return FailHere("the bytes end within an atom");
  atom->latin1 = tag == kTagAtom || tag == kTagSmallAtom;
  if (length > (atom->latin1 ? size_t{kMaxAtomCharacters} : kMaxAtomBytes)) {
    return FailHere("an atom of more than 255 characters");
  }
  atom->start = static_cast<size_t>(at - begin_);
  atom->text = {atom->start + header, length};
  return true;
}

inline bool TermCursor::Atom(AtomRange* atom) {
  if (!AtomAt(at_, atom)) return false;
  at_ = begin_ + atom->text.offset + atom->text.length;
  return true;
}

inline bool TermCursor::Holds(uint32_t count, uint32_t bytes_each, int size) {
  at_ += size;
  return count <= left() / bytes_each || FailHere("a term of more parts than bytes");
}

inline bool TermCursor::TupleHeader(uint32_t* arity) {
  if (!Proves(NextIs(kTagSmallTuple) ? 1 : 4)) return false;
  int index = 0;
  int count = 0;
  if (ei_decode_tuple_header(ei_at(), &index, &count) != 0) return FailHere("no tuple");
  *arity = static_cast<uint32_t>(count);
  return Holds(*arity, 1, index);
}

inline bool TermCursor::ListHeader(uint32_t* arity) {
  if (!Proves(NextIs(kTagNil) ? 0 : 4)) return false;
  int index = 0;
  int count = 0;
  if (ei_decode_list_header(ei_at(), &index, &count) != 0) return FailHere("no list");
  *arity = static_cast<uint32_t>(count);
  return Holds(*arity, 1, index);
}

inline bool TermCursor::MapHeader(uint32_t* pairs) {
  if (!Proves(4)) return false;
  int index = 0;
  int count = 0;
  if (ei_decode_map_header(ei_at(), &index, &count) != 0) return FailHere("no map");
  *pairs = static_cast<uint32_t>(count);
  return Holds(*pairs, 2, index);
}

inline bool TermCursor::TryBinary(ByteRange* bytes) {
  constexpr size_t kHeader = 5;
  if (left() < kHeader || *at_ != kTagBinary) return false;
  const size_t length = LoadU32(at_ + 1);
  if (left() - kHeader < length) return false;
  int index = 0;
  long ei_length = 0;
  if (ei_decode_binary(ei_at(), &index, nullptr, &ei_length) != 0) return false;
  *bytes = {this->index() + kHeader, static_cast<size_t>(ei_length)};
  at_ += kHeader + length;
  return true;
}

}  // namespace beamlink
