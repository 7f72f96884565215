#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <string>

#include "base/big_endian.h"
#include "base/owned_bytes.h"
#include "base/text_hash.h"

namespace beamlink {
namespace {

TEST_CASE("numbers are read and written in network order") {
  std::array<uint8_t, 4> bytes{};
  StoreU32(bytes.data(), 0xFEDCBA98);
  CHECK(bytes == std::array<uint8_t, 4>{0xFE, 0xDC, 0xBA, 0x98});
  CHECK(LoadU32(bytes.data()) == 0xFEDCBA98);
  CHECK(LoadU16(bytes.data() + 1) == 0xDCBA);
}

TEST_CASE("owned bytes keep what both sizes have in common") {
  const std::array<uint8_t, 3> three = {1, 2, 3};
  OwnedBytes bytes = OwnedBytes::CopyOf(three);
  bytes.Resize(1000);
  CHECK(bytes.size() == 1000);
  CHECK(bytes.data()[2] == 3);
  bytes.Resize(2);
  CHECK(bytes.data()[1] == 2);
  bytes.Resize(0);
  CHECK(bytes.data() == nullptr);
  bytes.Resize(1);
  uint8_t* released = bytes.Release();
  CHECK(bytes.size() == 0);
  std::free(released);
}

TEST_CASE("the hash depends on every byte, on the length and on the seed") {
  const std::string_view text = "abcdefghijklmnopq";
  for (size_t length = 0; length < text.size(); length++) {
    const std::string_view part = text.substr(0, length);
    CHECK(TextHash(part, 1) != TextHash(text.substr(0, length + 1), 1));
    CHECK(TextHash(part, 1) != TextHash(part, 2));
    CHECK(TextHash(part, 3) == TextHash(std::string(part), 3));
  }
  CHECK(TextHash(std::string_view("\0", 1), 1) != TextHash("", 1));
}

}  // namespace
}  // namespace beamlink
