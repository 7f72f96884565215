#include "etf/ei_buffer.h"

#include <array>
#include <doctest/doctest.h>
#include <vector>

#include <ei.h>

namespace beamlink {
namespace {

std::vector<uint8_t> Bytes(const EiBuffer& buffer) {
  return {buffer.bytes().begin(), buffer.bytes().end()};
}

TEST_CASE("a value that ei refuses leaves nothing behind") {
  EiBuffer buffer;
  buffer.Push(131);
  CHECK_FALSE(buffer.Write(
      9, [](char* buf, int* index) { return ei_encode_tuple_header(buf, index, -1); }));
  CHECK(Bytes(buffer) == std::vector<uint8_t>{131});
}

TEST_CASE("a buffer grows and keeps what was written") {
  EiBuffer buffer;
  std::vector<uint8_t> expected;
  for (int i = 0; i < 1000; i++) {
    REQUIRE(buffer.Write(
        2, [i](char* buf, int* index) { return ei_encode_long(buf, index, i % 256); }));
    expected.push_back(97);
    expected.push_back(static_cast<uint8_t>(i));
  }
  CHECK(Bytes(buffer) == expected);
  CHECK_FALSE(buffer.InBlock());
}

TEST_CASE("a block that is large enough holds all") {
  std::array<uint8_t, 4> block{};
  EiBuffer buffer(block);
  const std::array<uint8_t, 3> three = {1, 2, 3};
  buffer.Append(three);
  buffer.Push(4);
  CHECK(buffer.InBlock());
  CHECK(buffer.data() == block.data());
  CHECK(block == std::array<uint8_t, 4>{1, 2, 3, 4});
}

TEST_CASE("a block that is too small is left behind, and the size needed is told") {
  std::array<uint8_t, 4> block{};
  EiBuffer buffer(block);
  const std::array<uint8_t, 3> three = {1, 2, 3};
  buffer.Append(three);
  buffer.Append(three);
  CHECK_FALSE(buffer.InBlock());
  CHECK(buffer.size() == 6);
  CHECK(Bytes(buffer) == std::vector<uint8_t>{1, 2, 3, 1, 2, 3});
  CHECK(block[3] == 0);
}

TEST_CASE("taking the memory empties the buffer") {
  std::array<uint8_t, 4> block{};
  EiBuffer borrowed(block);
  borrowed.Push(5);
  const OwnedBytes copy = borrowed.Take();
  CHECK(copy.size() == 1);
  CHECK(copy.data() != block.data());
  CHECK(borrowed.size() == 0);
  EiBuffer own;
  own.Push(6);
  const OwnedBytes taken = own.Take();
  CHECK(taken.size() == 1);
  CHECK(taken.data()[0] == 6);
  CHECK(own.size() == 0);
  own.Push(7);
  CHECK(Bytes(own) == std::vector<uint8_t>{7});
}

TEST_CASE("a buffer that is moved takes its memory along") {
  EiBuffer first;
  first.Push(1);
  EiBuffer second(std::move(first));
  second.Push(2);
  CHECK(Bytes(second) == std::vector<uint8_t>{1, 2});
  first = EiBuffer();
  first.Push(3);
  second = std::move(first);
  CHECK(Bytes(second) == std::vector<uint8_t>{3});
}

}  // namespace
}  // namespace beamlink
