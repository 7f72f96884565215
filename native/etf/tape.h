// The tape: the flat form in which terms cross between ETF bytes and JavaScript values.
//
// Both tapes are arrays of 32-bit words in memory that JavaScript sees as an Int32Array and, for
// the doubles, as a Float64Array over the same memory. A tape starts on an 8-byte boundary.
//
// ---- decode tape (native writes, lib/native/tape-reader.ts reads): postfix, a stack machine ----
//
// Each op pushes one value, or pops parts and pushes the whole. Nothing recurses on either side, so
// depth costs no stack. Byte ranges (`off len`) count from the start of the record's body, which
// holds the very ETF bytes the tape was made from.
//
//   tape  := op* kStop
//   op    := kInt v                      an integer of 32 bits
//          | kInts n v{n}                pushes n integers
//          | kListInts n v{n}            pushes one proper list of n integers
//          | kWide ^d                    an integer beyond 32 bits that a double holds exactly
//          | kWides n ^d{n} | kListWides n ^d{n}
//          | kFloat ^d | kFloats n ^d{n} | kListFloats n ^d{n}
//          | kBig off len sign           magnitude at off, little-endian bytes; sign 1 is negative
//          | kAtom id                    id of the table the decoder writes (AtomTable)
//          | kAtomText off len latin1    an atom outside that table; latin1 1: one byte a character
//          | kBinary off len             len bytes at off
//          | kBinaryPairs n (off len off len){n}   pushes n tuples of two binaries
//          | kBits off len bits          a bitstring: len bytes, `bits` (1..7) used of the last
//          | kString off len             STRING_EXT: a list of len bytes
//          | kNil
//          | kList n | kTuple n          pops n
//          | kImproper n                 pops n elements and the tail above them
//          | kMap n                      pops n pairs, key below value
//          | kPid id serial creation     pops the node's atom
//          | kPort hi lo creation        pops the node's atom
//          | kRef n w{n} creation        pops the node's atom; words in the order of the wire
//          | kFun off len arity          pops module, index, uniq; off len is the whole term
//          | kExport                     pops module, function, arity
//          | kLocal off len              LOCAL_EXT, tag included: opaque
//   ^d    := one word of padding if needed, then a double at an even word
//
// ---- encode tape (lib/native/tape-writer.ts writes, native reads): prefix, as ETF itself ----
//
//   value := kInt v | kWide ^d | kFloat ^d
//          | kInts n v{n}                counts as n values of the list around it
//          | kWides n ^d{n} | kFloats n ^d{n}       likewise
//          | kBig off len sign           magnitude in the text region, little-endian
//          | kAtom id                    id of the book that JavaScript writes (AtomBook)
//          | kKey id                     a binary: a key of maps in that book, with ids of its own
//          | kAtomText off len           UTF-8 in the text region
//          | kBinary off len             bytes in the text region
//          | kShared i                   a binary: the i-th of the byte arrays handed over beside
//                                        the tape; not copied, so it must live until written
//          | kBits off len bits | kString off len   bytes in the text region
//          | kNil | kList n value{n} | kImproper n value{n} value | kTuple n value{n}
//          | kMap n (value value){n}
//          | kPid id serial creation value | kPort hi lo creation value
//          | kRef n w{n} creation value             value is the node's atom
//          | kExport value value value
//          | kRaw off len                one complete term in ETF, without version byte, as it is
//          | kJump at                    the value continues at word `at` of this tape; that
//                                        value ends there, and reading goes on after the jump
//
// lib/native/tape-ops.ts repeats these numbers; test/unit/tape-ops.test.ts compares the two files.
#pragma once

#include <cstdint>

namespace beamlink {

enum TapeOp : int32_t {
  kStop = 0,
  kInt = 1,
  kInts = 2,
  kListInts = 3,
  kWide = 4,
  kWides = 5,
  kListWides = 6,
  kFloat = 7,
  kFloats = 8,
  kListFloats = 9,
  kBig = 10,
  kAtom = 11,
  kAtomText = 12,
  kBinary = 13,
  kBits = 14,
  kString = 15,
  kNil = 16,
  kList = 17,
  kTuple = 18,
  kImproper = 19,
  kMap = 20,
  kPid = 21,
  kPort = 22,
  kRef = 23,
  kFun = 24,
  kExport = 25,
  kLocal = 26,
  kShared = 27,
  kRaw = 28,
  kJump = 29,
  kKey = 30,
  kBinaryPairs = 31,
};

}  // namespace beamlink
