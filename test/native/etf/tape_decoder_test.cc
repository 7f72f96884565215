#include "etf/tape_decoder.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "etf/golden_terms.h"
#include "guarded_bytes.h"

namespace beamlink {
namespace {

struct Case {
  const char* name;
  const char* hex;  // without version byte
  StatusCode code;
};

Status Decode(std::span<const uint8_t> bytes, uint32_t max_depth, std::vector<int32_t>* tape) {
  AtomTable atoms;
  TapeDecoder decoder(&atoms, max_depth);
  size_t index = 0;
  const Status status = decoder.Term(bytes, &index);
  tape->assign(decoder.tape().begin(), decoder.tape().end());
  return status;
}

std::vector<int32_t> TapeOf(const char* hex) {
  std::vector<int32_t> tape;
  const GuardedBytes bytes(BytesOfHex(hex));
  const Status status = Decode(bytes.span(), 100, &tape);
  CHECK_MESSAGE(status.ok(), status.message());
  return tape;
}

TEST_CASE("bytes that are no term are refused with the reason's kind") {
  const Case cases[] = {
      {"nothing", "", StatusCode::kMalformed},
      {"a tag nobody knows", "ff", StatusCode::kMalformed},
      {"version byte", "8361", StatusCode::kMalformed},
      {"compressed", "5000000003789c4bcc000001", StatusCode::kUnsupported},
      {"atom cache reference", "5201", StatusCode::kUnsupported},
      {"local term in a tuple", "6801790102", StatusCode::kMalformed},
      {"integer without digits", "62000000", StatusCode::kMalformed},
      {"NaN", "467ff8000000000000", StatusCode::kMalformed},
      {"infinity", "467ff0000000000000", StatusCode::kMalformed},
      {"-infinity in a list",
       "6c00000001"
       "46fff0000000000000"
       "6a",
       StatusCode::kMalformed},
      {"old float, empty",
       "63"
       "00000000000000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"old float, inf",
       "63"
       "696e6600000000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"old float too large",
       "63"
       "3165393939000000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"old float in hexadecimal",
       "63"
       "30783170330000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"old float after a blank",
       "63"
       "20312e35000000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"old float without digits",
       "63"
       "312e3565000000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"old float with a tail",
       "63"
       "312e357a7a0000000000000000000000000000000000000000000000000000",
       StatusCode::kMalformed},
      {"atom of a lone continuation byte", "770180", StatusCode::kMalformed},
      {"atom of an overlong form", "7702c0af", StatusCode::kMalformed},
      {"atom of a surrogate", "7703eda080", StatusCode::kMalformed},
      {"atom above U+10FFFF", "7704f4908080", StatusCode::kMalformed},
      {"atom of 65535 bytes that are not there", "76ffff61", StatusCode::kMalformed},
      {"tuple of 2^32-1", "69ffffffff6101", StatusCode::kMalformed},
      {"list of 2^31-1", "6c7fffffff6101", StatusCode::kMalformed},
      {"map of 2^32-1", "74ffffffff61016101", StatusCode::kMalformed},
      {"map with a key alone", "74000000016101", StatusCode::kMalformed},
      {"list without end", "6c000000016101", StatusCode::kMalformed},
      {"improper list without tail", "6c00000001610168", StatusCode::kMalformed},
      {"binary longer than the bytes", "6d0000000461", StatusCode::kMalformed},
      {"binary of 2^32-1", "6dffffffff61", StatusCode::kMalformed},
      {"tuple of a binary alone", "68026d0000000161", StatusCode::kMalformed},
      {"second binary of a tuple cut off", "68026d00000001616d0000000262", StatusCode::kMalformed},
      {"binaries of a tuple cut off in a row",
       "6c00000002"
       "68026d00000001616d0000000162"
       "6802",
       StatusCode::kMalformed},
      {"bits of no bytes", "4d0000000003", StatusCode::kMalformed},
      {"bytes of no bits", "4d000000010061", StatusCode::kMalformed},
      {"nine bits in a byte", "4d000000010961", StatusCode::kMalformed},
      {"string longer than the bytes", "6b000361", StatusCode::kMalformed},
      {"big without digits", "6e0800010203", StatusCode::kMalformed},
      {"large big of 2^32-1", "6fffffffff0001", StatusCode::kMalformed},
      {"pid of no atom", "586101", StatusCode::kMalformed},
      {"pid cut off", "5877016100000001000000010000", StatusCode::kMalformed},
      {"pid of a node with a NUL",
       "58770100"
       "000000010000000100000001",
       StatusCode::kMalformed},
      {"old pid of creation 4", "67770161000000010000000104", StatusCode::kMalformed},
      {"reference of no words", "5a000077016100000001", StatusCode::kMalformed},
      {"reference of six words",
       "5a0006770161"
       "00000001"
       "000000010000000100000001000000010000000100000001",
       StatusCode::kMalformed},
      {"export of arity 256",
       "7177016d77016662"
       "00000100",
       StatusCode::kMalformed},
      {"export of a negative arity",
       "7177016d77016662"
       "ffffffff",
       StatusCode::kMalformed},
      {"old fun of more variables than bytes",
       "75ffffffff"
       "6777016100000001000000010077016d61016101",
       StatusCode::kMalformed},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    std::vector<int32_t> tape;
    const GuardedBytes bytes(BytesOfHex(each.hex));
    const Status status = Decode(bytes.span(), 100, &tape);
    CHECK(status.code() == each.code);
    CHECK(!status.message().empty());
    CHECK(tape.empty());
  }
}

// 112 size arity uniq index free module old_index old_uniq pid, with one free variable
std::string FunHex(const char* size, const char* free_count) {
  return std::string("70") + size + "01" + std::string(32, '0') + "00000003" + free_count +
         "77016d"
         "6101"
         "6102"
         "58770161000000010000000200000003"
         "6107";
}

TEST_CASE("a fun is taken whole, and only if it is as long as it says") {
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 10);
  const std::vector<uint8_t> good = BytesOfHex(FunHex("00000036", "00000001"));
  REQUIRE(good.size() == 1 + 0x36);
  size_t index = 0;
  REQUIRE(decoder.Term(GuardedBytes(good).span(), &index).ok());
  CHECK(std::vector<int32_t>(decoder.tape().begin(), decoder.tape().end()) ==
        std::vector<int32_t>{kAtom, 0, kInt, 3, kInt, 2, kFun, 0, 55, 1});

  for (const char* size : {"00000035", "00000037", "00000000", "ffffffff"}) {
    index = 0;
    CAPTURE(size);
    CHECK(decoder.Term(BytesOfHex(FunHex(size, "00000001")), &index).code() ==
          StatusCode::kMalformed);
  }
  for (const char* free_count : {"00000000", "00000002", "ffffffff"}) {
    index = 0;
    CAPTURE(free_count);
    CHECK(decoder.Term(BytesOfHex(FunHex("00000036", free_count)), &index).code() ==
          StatusCode::kMalformed);
  }
}

TEST_CASE("an old fun is taken whole; its arity is not known") {
  CHECK(TapeOf("75"
               "00000001"
               "67770161000000010000000200"
               "77016d"
               "6103"
               "6104"
               "6105") == std::vector<int32_t>{kAtom, 0, kInt, 3, kInt, 4, kFun, 0, 27, -1});
}

TEST_CASE("a local term at the top reaches to the end of the bytes") {
  CHECK(TapeOf("790102030405") == std::vector<int32_t>{kLocal, 0, 6});
}

TEST_CASE("numbers in a row share an op, and a list of nothing else is one op") {
  CHECK(TapeOf("6c00000002"
               "6201000000"
               "6107"
               "6a") == std::vector<int32_t>{kListInts, 2, 0x01000000, 7});
  CHECK(TapeOf("6802"
               "6101"
               "6102") == std::vector<int32_t>{kInts, 2, 1, 2, kTuple, 2});
  CHECK(TapeOf("6c00000002"
               "6101"
               "6102"
               "6103") == std::vector<int32_t>{kInts, 2, 1, 2, kInt, 3, kImproper, 2});
  CHECK(TapeOf("6c00000001"
               "6101"
               "6a") == std::vector<int32_t>{kListInts, 1, 1});
  CHECK(TapeOf("6803"
               "6101"
               "6a"
               "6102") == std::vector<int32_t>{kInt, 1, kNil, kInt, 2, kTuple, 3});
  // Doubles stand at even words: 1.0 is 0x3ff00000 in its upper half.
  CHECK(TapeOf("6802"
               "6101"
               "463ff0000000000000") ==
        std::vector<int32_t>{kInt, 1, kFloat, 0, 0, 0x3ff00000, kTuple, 2});
  CHECK(TapeOf("6803"
               "6a"
               "463ff0000000000000"
               "463ff0000000000000") ==
        std::vector<int32_t>{kNil, kFloats, 2, 0, 0, 0x3ff00000, 0, 0x3ff00000, kTuple, 3});
}

TEST_CASE("tuples of two binaries share an op, as far as they follow each other") {
  CHECK(TapeOf("6c00000002"
               "68026d00000001616d000000026263"
               "68026d000000006d0000000164"
               "6a") ==
        std::vector<int32_t>{kBinaryPairs, 2, 12, 1, 18, 2, 27, 0, 32, 1, kList, 2});
  CHECK(TapeOf("69000000026d00000001616d0000000162") ==
        std::vector<int32_t>{kBinaryPairs, 1, 10, 1, 16, 1});
  CHECK(TapeOf("6803"
               "68026d00000001616d0000000162"
               "68026d00000001616107"
               "68016d0000000161") ==
        std::vector<int32_t>{kBinaryPairs, 1, 9,       1,  15, 1,      kBinary, 23,     1, kInt, 7,
                             kTuple,       2, kBinary, 33, 1,  kTuple, 1,       kTuple, 3});
  // Not beyond what they are elements of.
  CHECK(TapeOf("6802"
               "680168026d000000006d00000000"
               "68026d000000006d00000000") == std::vector<int32_t>{kBinaryPairs, 1, 11, 0, 16, 0,
                                                                   kTuple, 1, kBinaryPairs, 1, 23,
                                                                   0, 28, 0, kTuple, 2});
}

TEST_CASE("a tuple of two binaries weighs no less than its parts, and is a level of its own") {
  const std::vector<uint8_t> pair = BytesOfHex("68026d000000006d00000000");
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 1);
  size_t index = 2;
  REQUIRE(decoder.Term(pair, &index).ok());
  const size_t weight_of_binary = decoder.weight();
  decoder.Reset();
  index = 0;
  REQUIRE(decoder.Term(pair, &index).ok());
  CHECK(decoder.weight() > 2 * weight_of_binary);
  std::vector<int32_t> tape;
  CHECK(Decode(pair, 0, &tape).code() == StatusCode::kTooLarge);
}

TEST_CASE("integers are kInt in 32 bits, kWide up to 2^53 - 1 and kBig beyond") {
  CHECK(TapeOf("6e0401"
               "00000080") == std::vector<int32_t>{kInt, INT32_MIN});
  CHECK(TapeOf("6e0400"
               "00000080")[0] == kWide);
  CHECK(TapeOf("6e0700"
               "ffffffffffff1f")[0] == kWide);
  CHECK(TapeOf("6e0700"
               "00000000000020") == std::vector<int32_t>{kBig, 3, 7, 0});
  CHECK(TapeOf("6e0801"
               "0000000000000080") == std::vector<int32_t>{kBig, 3, 8, 1});
  // Leading zeros do not count.
  CHECK(TapeOf("6e0a01"
               "00000000000000800000") == std::vector<int32_t>{kBig, 3, 8, 1});
  CHECK(TapeOf("6e0001") == std::vector<int32_t>{kInt, 0});
}

TEST_CASE("containers nest as deep as allowed and no deeper") {
  for (const char* one : {"6c00000001", "6801",
                          "7400000001"
                          "6101"}) {
    std::string hex;
    for (int i = 0; i < 5; i++)
      hex += one;
    hex += "6a";
    if (one[1] == 'c') hex += "6a6a6a6a6a";
    CAPTURE(one);
    std::vector<int32_t> tape;
    CHECK(Decode(BytesOfHex(hex), 5, &tape).ok());
    CHECK(Decode(BytesOfHex(hex), 4, &tape).code() == StatusCode::kTooLarge);
  }
}

TEST_CASE("lists without elements do not nest, however many stand in a row") {
  std::string hex;
  for (int i = 0; i < 100000; i++)
    hex += "6c00000000";
  std::vector<int32_t> tape;
  REQUIRE(Decode(BytesOfHex(hex + "6a"), 1, &tape).ok());
  CHECK(tape == std::vector<int32_t>{kNil});
}

TEST_CASE("terms follow each other on one tape, and an error leaves what was before") {
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 10);
  const std::vector<uint8_t> bytes = BytesOfHex(
      "6101"
      "770161"
      "ff");
  size_t index = 0;
  REQUIRE(decoder.Term(bytes, &index).ok());
  CHECK(index == 2);
  decoder.Stop();
  REQUIRE(decoder.Term(bytes, &index).ok());
  CHECK(index == 5);
  CHECK_FALSE(decoder.Term(bytes, &index).ok());
  CHECK(index == 5);
  decoder.Int(int64_t{1} << 32);
  decoder.Atom("b", 0);
  decoder.Binary(1, 2);
  const std::vector<int32_t> expected = {kInt,       1,     kStop, kAtom,   0, kWide, 0,
                                         0x41f00000, kAtom, 1,     kBinary, 1, 2};
  CHECK(std::vector<int32_t>(decoder.tape().begin(), decoder.tape().end()) == expected);
  decoder.Reset();
  CHECK(decoder.tape().empty());
}

TEST_CASE("a decoder is as good as new after a very long tape") {
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 10);
  std::vector<uint8_t> floats = BytesOfHex("6c00030000");
  for (int i = 0; i < 0x30000; i++)
    floats.insert(floats.end(), {70, 63, 240, 0, 0, 0, 0, 0, 0});
  floats.push_back(106);
  size_t index = 0;
  REQUIRE(decoder.Term(floats, &index).ok());
  CHECK(decoder.tape().size() == 2 + size_t{0x30000} * 2);
  decoder.Reset();
  CHECK(decoder.tape().empty());
  index = 0;
  REQUIRE(decoder.Term(BytesOfHex("6101"), &index).ok());
  CHECK(std::vector<int32_t>(decoder.tape().begin(), decoder.tape().end()) ==
        std::vector<int32_t>{kInt, 1});
}

TEST_CASE("a tape goes into the block that is given, or leaves it behind when that is too small") {
  const std::vector<int32_t> whole{kInt, 1, kBinary, 9,          2,      kListFloats,
                                   1,    0, 0,       0x3ff00000, kTuple, 3};
  const std::vector<uint8_t> bytes = BytesOfHex(
      "6803"
      "6101"
      "6d000000026869"
      "6c00000001463ff00000000000006a");
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 10);
  for (size_t size = 0; size < 20; size++) {
    std::vector<int32_t> block(size);
    const GuardedBytes guarded(bytes);
    decoder.ResetInto(block);
    size_t index = 0;
    REQUIRE(decoder.Term(guarded.span(), &index).ok());
    const std::span<const int32_t> tape = decoder.tape();
    CHECK(std::vector<int32_t>(tape.begin(), tape.end()) == whole);
    if (size < whole.size()) CHECK(tape.data() != block.data());
  }
  size_t index = 0;
  decoder.Reset();
  REQUIRE(decoder.Term(bytes, &index).ok());
  CHECK(decoder.tape().size() == whole.size());
}

TEST_CASE("atoms that find the table full cross as text") {
  AtomTable atoms;
  for (uint32_t i = 0; i < kMaxTableAtoms; i++) {
    REQUIRE(atoms.Intern("atom" + std::to_string(i)) == static_cast<int32_t>(i));
  }
  TapeDecoder decoder(&atoms, 10);
  size_t index = 0;
  REQUIRE(decoder
              .Term(BytesOfHex("6803"
                               "77026e6f"
                               "7301e9"
                               "770561746f6d37"),
                    &index)
              .ok());
  decoder.Atom("own", 5);
  CHECK(std::vector<int32_t>(decoder.tape().begin(), decoder.tape().end()) ==
        std::vector<int32_t>{kAtomText, 4, 2, 0, kAtomText, 8, 1, 1, kAtom, 7, kTuple, 3, kAtomText,
                             5, 3, 0});
}

}  // namespace
}  // namespace beamlink
