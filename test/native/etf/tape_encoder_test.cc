#include "etf/tape_encoder.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace beamlink {
namespace {

using Bytes = std::vector<uint8_t>;

const Bytes kText = {'a', 'b', 'c', 0, 0xFF, 106, 104, 1, 106, 121, 1};

class Encoding {
 public:
  Encoding() {
    REQUIRE(book_.Define(0, "ok"));
    REQUIRE(book_.Define(1, std::string_view("a\0b", 3)));
    REQUIRE(book_.DefineKey(0, "key"));
  }

  Status Encode(const std::vector<int32_t>& ops, std::vector<Splice>* splices = nullptr) {
    // Exactly as long as the ops, so that the sanitizer sees a read past them.
    const auto words = std::make_unique<int32_t[]>(ops.size());
    std::copy(ops.begin(), ops.end(), words.get());
    const auto text = std::make_unique<uint8_t[]>(kText.size());
    std::copy(kText.begin(), kText.end(), text.get());
    TapeEncoder encoder(&book_);
    out_ = EiBuffer();
    at_ = 0;
    const EncodeTape tape{{words.get(), ops.size()}, {text.get(), kText.size()}, shared_};
    return encoder.Value(tape, &at_, &out_, splices);
  }
  Bytes Encoded(const std::vector<int32_t>& ops) {
    const Status status = Encode(ops);
    CHECK(status.ok());
    return out();
  }
  Bytes out() const { return {out_.bytes().begin(), out_.bytes().end()}; }
  size_t at() const { return at_; }
  void Share(std::span<const uint8_t> bytes) { shared_.push_back(bytes); }

 private:
  AtomBook book_;
  EiBuffer out_;
  size_t at_ = 0;
  std::vector<std::span<const uint8_t>> shared_;
};

// A double as the two words it takes on this machine.
std::vector<int32_t> WithDouble(std::vector<int32_t> ops, double value) {
  ops.resize(ops.size() + (ops.size() & 1) + 2);
  std::memcpy(&ops[ops.size() - 2], &value, sizeof value);
  return ops;
}

TEST_CASE("a tape that does not keep to its grammar is refused and leaves nothing") {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<int32_t> tapes[] = {
      {},
      {kStop},
      {kKey},
      {kKey, 1},  // not in the book
      {kKey, -1},
      {31},
      // In a run of leaves.
      {kList, 4, kInt, 1, kBinary, 0, 12, kInt, 1, kInt, 1},
      {kList, 4, kInt, 1, kBinary, -1, 1, kInt, 1, kInt, 1},
      {kList, 4, kInt, 1, kBinary, 0, -1, kInt, 1, kInt, 1},
      {kList, 4, kInt, 1, kAtom, 2, kInt, 1, kInt, 1},
      {kList, 4, kInt, 1, kKey, 1, kInt, 1, kInt, 1},
      {kList, 4, kInt, 1, kInt, 1, kInt, 1, kInt},
      {kList, 5, kInt, 1, kInt, 1, kInt, 1, kInt, 1},
      {-1},
      {INT_MAX},
      {kInt},
      {kInts, 1, 7},  // not in a list
      {kListInts, 1, 7},
      {kList, 2, kInts, 3, 1, 2, 3},
      {kList, 2, kInts, -1},
      {kList, 2, kInts, 2, 1},
      {kList, 1, kWides, INT_MAX},
      {kList, -1},
      {kList, INT_MAX},
      {kTuple, 2, kNil},
      {kMap, 1, kNil},
      {kMap, INT_MAX, kNil},
      {kImproper, 0, kNil},
      {kImproper, 1, kNil},
      {kWide},
      {kWide, 0, 0},
      WithDouble({kWide}, 0.5),
      WithDouble({kWide}, 9223372036854775808.0),
      WithDouble({kWide}, kNaN),
      WithDouble({kFloat}, kNaN),
      WithDouble({kFloat}, kInfinity),
      WithDouble({kFloat}, -kInfinity),
      {kAtom, 2},
      {kAtom, -1},
      {kAtom, INT_MAX},
      {kAtomText, 4, 1},  // no UTF-8
      {kAtomText, 0, 12},
      {kBinary, 0, 12},
      {kBinary, 12, 0},
      {kBinary, -1, 1},
      {kBinary, 1, -1},
      {kBinary, INT_MAX, INT_MAX},
      {kBig, 0, 12, 0},
      {kBig, 0, 1},
      {kBits, 0, 1, 0},
      {kBits, 0, 1, 8},
      {kBits, 0, 0, 3},
      {kString, 0, 12},
      {kShared, 0},
      {kShared, -1},
      {kPid, 1, 2, 3, kNil},
      {kPid, 1, 2, 3, kAtom, 1},  // a node with a NUL
      {kPid, 1, 2},
      {kPort, 1, 2, 3, kInt, 1},
      {kRef, 0, 9, kAtom, 0},
      {kRef, 6, 1, 2, 3, 4, 5, 6, 9, kAtom, 0},
      {kRef, -1, 9, kAtom, 0},
      {kExport, kAtom, 0, kAtom, 0, kInt, 256},
      {kExport, kAtom, 0, kAtom, 0, kInt, -1},
      {kExport, kAtom, 0, kNil, kInt, 1},
      {kExport, kAtom, 0, kAtom, 0, kAtom, 0},
      {kRaw, 0, 1},  // no term
      {kRaw, 6, 2},  // cut off
      {kRaw, 8, 2},  // more than one
      {kRaw, 0, 0},
      {kTuple, 1, kRaw, 9, 2},  // a local term within another
      {kFun, 0, 1, 1},
      {kLocal, 0, 1},
      {kJump},
      {kJump, -1},
      {kJump, 2},
      {kJump, INT_MAX},
      {kJump, 0},
      {kTuple, 1, kJump, 0},
      {kTuple, 2, kJump, 6, kJump, 6, kTuple, 2, kJump, 12, kJump, 12, kNil},
      {kList, 2, kJump, 4, kInts, 2, 1, 2},
  };
  Encoding encoding;
  for (const auto& ops : tapes) {
    CAPTURE(ops.size());
    CAPTURE(ops.empty() ? 0 : ops[0]);
    CHECK(encoding.Encode(ops).code() == StatusCode::kMalformed);
    CHECK(encoding.out().empty());
    CHECK(encoding.at() == 0);
  }
}

TEST_CASE("scalars are written as ei writes them") {
  Encoding encoding;
  CHECK(encoding.Encoded({kInt, 255}) == Bytes{97, 255});
  CHECK(encoding.Encoded({kInt, -1}) == Bytes{98, 255, 255, 255, 255});
  CHECK(encoding.Encoded({kInt, INT_MIN}) == Bytes{110, 4, 1, 0, 0, 0, 128});
  CHECK(encoding.Encoded(WithDouble({kWide}, 4294967296.0)) == Bytes{110, 5, 0, 0, 0, 0, 0, 1});
  CHECK(encoding.Encoded(WithDouble({kFloat}, -0.0)) == Bytes{70, 128, 0, 0, 0, 0, 0, 0, 0});
  CHECK(encoding.Encoded({kBig, 0, 3, 1}) == Bytes{110, 3, 1, 'a', 'b', 'c'});
  CHECK(encoding.Encoded({kBig, 0, 4, 0}) == Bytes{110, 3, 0, 'a', 'b', 'c'});
  CHECK(encoding.Encoded({kBig, 3, 1, 1}) == Bytes{97, 0});
  CHECK(encoding.Encoded({kAtom, 0}) == Bytes{119, 2, 'o', 'k'});
  CHECK(encoding.Encoded({kAtomText, 0, 1}) == Bytes{119, 1, 'a'});
  CHECK(encoding.Encoded({kAtomText, 0, 0}) == Bytes{119, 0});
  CHECK(encoding.Encoded({kBinary, 1, 2}) == Bytes{109, 0, 0, 0, 2, 'b', 'c'});
  CHECK(encoding.Encoded({kBinary, 11, 0}) == Bytes{109, 0, 0, 0, 0});
  CHECK(encoding.Encoded({kBits, 4, 1, 3}) == Bytes{77, 0, 0, 0, 1, 3, 0xE0});
  CHECK(encoding.Encoded({kString, 0, 2}) == Bytes{107, 0, 2, 'a', 'b'});
  CHECK(encoding.Encoded({kString, 0, 0}) == Bytes{106});
  CHECK(encoding.Encoded({kNil}) == Bytes{106});
  CHECK(encoding.Encoded({kRaw, 6, 3}) == Bytes{104, 1, 106});
  CHECK(encoding.Encoded({kRaw, 9, 2}) == Bytes{121, 1});
}

TEST_CASE("terms with a node's name") {
  Encoding encoding;
  CHECK(encoding.Encoded({kPid, 1, 2, -1, kAtom, 0}) ==
        Bytes{88, 119, 2, 'o', 'k', 0, 0, 0, 1, 0, 0, 0, 2, 255, 255, 255, 255});
  CHECK(encoding.Encoded({kPort, 0, 5, 3, kAtomText, 0, 1}) ==
        Bytes{89, 119, 1, 'a', 0, 0, 0, 5, 0, 0, 0, 3});
  CHECK(encoding.Encoded({kPort, -1, -2, 3, kAtom, 0}) ==
        Bytes{120, 119, 2, 'o', 'k', 255, 255, 255, 255, 255, 255, 255, 254, 0, 0, 0, 3});
  CHECK(encoding.Encoded({kRef, 2, 7, 8, 9, kAtom, 0}) ==
        Bytes{90, 0, 2, 119, 2, 'o', 'k', 0, 0, 0, 9, 0, 0, 0, 7, 0, 0, 0, 8});
  CHECK(encoding.Encoded({kExport, kAtom, 0, kAtom, 1, kInt, 2}) ==
        Bytes{113, 119, 2, 'o', 'k', 119, 3, 'a', 0, 'b', 97, 2});
}

TEST_CASE("containers, with numbers in a row counted as elements") {
  Encoding encoding;
  CHECK(encoding.Encoded({kList, 3, kInts, 2, 1, 2, kNil}) ==
        Bytes{108, 0, 0, 0, 3, 97, 1, 97, 2, 106, 106});
  CHECK(encoding.Encoded({kImproper, 1, kInt, 1, kInt, 2}) == Bytes{108, 0, 0, 0, 1, 97, 1, 97, 2});
  CHECK(encoding.Encoded({kList, 0}) == Bytes{106});
  CHECK(encoding.Encoded({kTuple, 0}) == Bytes{104, 0});
  CHECK(encoding.Encoded({kMap, 0}) == Bytes{116, 0, 0, 0, 0});
  CHECK(encoding.Encoded({kMap, 1, kNil, kTuple, 1, kNil}) ==
        Bytes{116, 0, 0, 0, 1, 106, 104, 1, 106});
  std::vector<int32_t> floats = WithDouble({kList, 2, kFloats, 2}, 1.0);
  CHECK(encoding.Encoded(WithDouble(floats, 2.0)) == Bytes{108, 0, 0, 0, 2, 70, 0x3F, 0xF0,
                                                           0,   0, 0, 0, 0, 0,  70,   0x40,
                                                           0,   0, 0, 0, 0, 0,  0,    106});
}

TEST_CASE("leaves that follow each other, and what ends them") {
  Encoding encoding;
  const Bytes key = {109, 0, 0, 0, 3, 'k', 'e', 'y'};
  CHECK(encoding.Encoded({kKey, 0}) == key);
  Bytes want = {116, 0, 0, 0, 3};
  for (const Bytes& part : {key, Bytes{98, 0xF8, 0, 0, 0}, key, Bytes{109, 0, 0, 0, 2, 'b', 'c'},
                            Bytes{109, 0, 0, 0, 0}, Bytes{119, 2, 'o', 'k'}})
    want.insert(want.end(), part.begin(), part.end());
  CHECK(encoding.Encoded({kMap, 3, kKey, 0, kInt, -(1 << 27), kKey, 0, kBinary, 1, 2, kBinary, 0, 0,
                          kAtom, 0}) == want);
  CHECK(encoding.Encoded({kTuple, 5, kInt, 1, kInt, INT_MIN, kNil, kInt, 256, kInt, 4}) ==
        Bytes{104, 5, 97, 1, 110, 4, 1, 0, 0, 0, 0x80, 106, 98, 0, 0, 1, 0, 97, 4});
}

TEST_CASE("a jump goes on elsewhere and comes back") {
  Encoding encoding;
  // {[], {ok}, []}: the inner tuple stands behind the outer one
  CHECK(encoding.Encoded({kTuple, 3, kNil, kJump, 6, kNil, kTuple, 1, kAtom, 0}) ==
        Bytes{104, 3, 106, 104, 1, 119, 2, 'o', 'k', 106});
  CHECK(encoding.at() == 6);
  // A list whose last element is a jump still gets its end.
  CHECK(encoding.Encoded({kList, 1, kJump, 4, kJump, 6, kNil}) == Bytes{108, 0, 0, 0, 1, 106, 106});
}

TEST_CASE("depth costs no stack, and neither do jumps") {
  Encoding encoding;
  constexpr int32_t kLevels = 300000;
  std::vector<int32_t> ops;
  for (int32_t i = 0; i < kLevels; i++) {
    ops.insert(ops.end(), {kTuple, 1, kJump, static_cast<int32_t>(ops.size()) + 4});
  }
  ops.push_back(kNil);
  CHECK(encoding.Encoded(ops).size() == size_t{kLevels} * 2 + 1);
}

TEST_CASE("shared bytes are copied, or noted where they belong") {
  Encoding encoding;
  const Bytes large(300, 7);
  encoding.Share(large);
  encoding.Share({});
  const std::vector<int32_t> ops = {kTuple, 3, kShared, 0, kShared, 1, kNil};
  const Bytes copied = encoding.Encoded(ops);
  CHECK(copied.size() == 2 + 5 + 300 + 5 + 1);

  std::vector<Splice> splices;
  REQUIRE(encoding.Encode(ops, &splices).ok());
  REQUIRE(splices.size() == 1);
  CHECK(splices[0].bytes.data() == large.data());
  Bytes joined = encoding.out();
  joined.insert(joined.begin() + static_cast<ptrdiff_t>(splices[0].offset), large.begin(),
                large.end());
  CHECK(joined == copied);

  CHECK_FALSE(encoding.Encode({kTuple, 2, kShared, 0, kShared, 2}, &splices).ok());
  CHECK(splices.size() == 1);
}

TEST_CASE("long strings become lists of integers, as Erlang reads them") {
  AtomBook book;
  TapeEncoder encoder(&book);
  const Bytes text(65536, 'x');
  EiBuffer out;
  size_t at = 0;
  const std::vector<int32_t> ops = {kString, 0, 65536};
  REQUIRE(encoder.Value({ops, text, {}}, &at, &out, nullptr).ok());
  CHECK(out.size() == 5 + 65536 * 2 + 1);
  CHECK(out.data()[0] == 108);
}

TEST_CASE("values follow each other on one tape") {
  AtomBook book;
  TapeEncoder encoder(&book);
  EiBuffer out;
  const std::vector<int32_t> ops = {kInt, 1, kNil};
  size_t at = 0;
  REQUIRE(encoder.Value({ops, {}, {}}, &at, &out, nullptr).ok());
  REQUIRE(encoder.Value({ops, {}, {}}, &at, &out, nullptr).ok());
  CHECK(at == 3);
  CHECK(out.size() == 3);
  CHECK_FALSE(encoder.Value({ops, {}, {}}, &at, &out, nullptr).ok());
}

}  // namespace
}  // namespace beamlink
