#include "etf/atoms.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace beamlink {
namespace {

TEST_CASE("the table gives an atom one id for ever and finds it while it grows") {
  AtomTable table;
  CHECK(table.Find("a") == -1);
  CHECK(table.Intern("a") == 0);
  CHECK(table.Intern("") == 1);
  for (int i = 0; i < 5000; i++)
    CHECK(table.Intern("name" + std::to_string(i)) == i + 2);
  CHECK(table.Intern("a") == 0);
  CHECK(table.Find("name4999") == 5001);
  CHECK(table.Find(std::string_view("a\0", 2)) == -1);
  CHECK(table.Name(0, 0) == "a");
  CHECK(table.Name(5001, 0) == "name4999");
}

TEST_CASE("the table has no name for an id it never gave") {
  AtomTable table;
  CHECK(table.Name(0, 0).empty());
  table.Intern("a");
  CHECK(table.Name(1, 0).empty());
  CHECK(table.Name(0, 1).empty());
  CHECK(table.Name(kMaxTableAtoms, 0).empty());
  CHECK(table.Name(UINT32_MAX, 0).empty());
}

TEST_CASE("the table refuses atoms when it is full, not those it has") {
  AtomTable table;
  for (uint32_t i = 0; i < kMaxTableAtoms; i++)
    table.Intern(std::to_string(i));
  CHECK(table.Intern("one more") == -1);
  CHECK(table.Find("one more") == -1);
  CHECK(table.Intern("0") == 0);
  CHECK(table.Intern("65535") == 65535);
}

TEST_CASE("the table does not take names that would fill much memory") {
  AtomTable table;
  CHECK(table.Intern(std::string(kMaxTableAtomBytes + 1, 'a')) == -1);
  CHECK(table.Intern(std::string(kMaxTableAtomBytes, 'a')) == 0);
}

TEST_CASE("the table begins anew and keeps the names of the generation before") {
  AtomTable table;
  for (uint32_t i = 0; i < kMaxTableAtoms; i++)
    table.Intern(std::to_string(i));
  const uint64_t hash = table.HashOf("7");
  table.Renew();
  CHECK(table.generation() == 1);
  CHECK(table.HashOf("7") == hash);
  CHECK(table.Find("7") == -1);
  CHECK(table.Intern("other") == 0);
  CHECK(table.Intern("7") == 1);
  CHECK(table.Name(0, 1) == "other");
  CHECK(table.Name(0, 0) == "0");
  CHECK(table.Name(65535, 0) == "65535");
  table.Renew();
  CHECK(table.Name(0, 2).empty());
  CHECK(table.Name(1, 1) == "7");
  CHECK(table.Find("other") == -1);
}

TEST_CASE("the book refuses ids and names that are none") {
  AtomBook book;
  CHECK_FALSE(book.Define(kMaxTableAtoms, "a"));
  CHECK_FALSE(book.Define(0, "\xC3"));
  CHECK_FALSE(book.Define(0, "\xED\xA0\x80"));
  CHECK_FALSE(book.Define(0, std::string(256, 'a')));
  CHECK(book.Encoded(0).empty());
  CHECK(book.Encoded(kMaxTableAtoms).empty());
  CHECK(book.Define(0, "a"));
  CHECK_FALSE(book.Define(0, "b"));
  CHECK(book.Encoded(0)[2] == 'a');
}

TEST_CASE("the book holds atoms as Erlang writes them") {
  AtomBook book;
  REQUIRE(book.Define(7, ""));
  CHECK(book.Encoded(7).size() == 2);
  std::string euros;
  for (int i = 0; i < 255; i++)
    euros += "\xE2\x82\xAC";
  REQUIRE(book.Define(8, euros));
  const auto encoded = book.Encoded(8);
  REQUIRE(encoded.size() == 3 + 765);
  CHECK(encoded[0] == 118);
  CHECK(encoded[1] == 765 / 256);
  CHECK(encoded[2] == 765 % 256);
  REQUIRE(book.Define(9, std::string(255, 'a')));
  CHECK(book.Encoded(9)[0] == 119);
}

TEST_CASE("the book holds keys as binaries, with ids of their own") {
  AtomBook book;
  REQUIRE(book.Define(0, "a"));
  REQUIRE(book.DefineKey(0, "key"));
  REQUIRE(book.DefineKey(1, ""));
  const auto encoded = book.EncodedKey(0);
  const std::vector<uint8_t> want = {109, 0, 0, 0, 3, 'k', 'e', 'y'};
  CHECK(std::vector<uint8_t>(encoded.begin(), encoded.end()) == want);
  CHECK(book.EncodedKey(1).size() == 5);
  CHECK(book.EncodedKey(2).empty());
  CHECK(book.EncodedKey(kMaxTableAtoms).empty());
  CHECK_FALSE(book.DefineKey(0, "other"));
  CHECK_FALSE(book.DefineKey(kMaxTableAtoms, "key"));
}

}  // namespace
}  // namespace beamlink
