#include "base/utf8.h"

#include <doctest/doctest.h>

namespace beamlink {
namespace {

TEST_CASE("what is no UTF-8 has no length") {
  for (const char* text : {"\x80",
                           "\xBF",
                           "\xC0\xAF",
                           "\xC1\xBF",
                           "\xC2",
                           "\xC2\x41",
                           "\xE0\x80\x80",
                           "\xE0\x9F\xBF",
                           "\xE2\x82",
                           "\xE2\x82\x41",
                           "\xED\xA0\x80",
                           "\xED\xBF\xBF",
                           "\xF0\x8F\xBF\xBF",
                           "\xF0\x9F\x98",
                           "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80",
                           "\xFE",
                           "\xFF",
                           "ok\xFF",
                           "\xF0\x9F\x98\x41"}) {
    CAPTURE(text);
    CHECK(Utf8Length(text) == -1);
  }
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(Utf8Length("") == 0);
  CHECK(Utf8Length("abc") == 3);
  CHECK(Utf8Length(std::string_view("a\0b", 3)) == 3);
  CHECK(Utf8Length("\xC2\x80\xDF\xBF") == 2);
  CHECK(Utf8Length("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF") == 4);
  CHECK(Utf8Length("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF") == 2);
}

}  // namespace
}  // namespace beamlink
