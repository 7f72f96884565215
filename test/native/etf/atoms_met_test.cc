#include "etf/atoms_met.h"

#include <doctest/doctest.h>

namespace beamlink {
namespace {

uint64_t Hash(uint32_t number) {
  return (uint64_t{number} + 1) * 0x9E3779B97F4A7C15;
}

TEST_CASE("atoms that were met are known by their ids") {
  AtomsMet met(1000);
  CHECK_FALSE(met.Knows(0));
  met.Meet(0, Hash(0));
  met.Meet(500, Hash(1));
  CHECK(met.Knows(0));
  CHECK(met.Knows(500));
  CHECK_FALSE(met.Knows(1));
  CHECK_FALSE(met.Knows(499));
  CHECK_FALSE(met.Knows(65535));
  CHECK(met.count() == 2);
}

TEST_CASE("no atom counts twice, whether it has an id, another one or none") {
  AtomsMet met(1000);
  for (uint32_t i = 0; i < 500; i++)
    met.Meet(static_cast<int32_t>(i), Hash(i));
  met.Enter(1);
  CHECK_FALSE(met.Knows(3));
  for (uint32_t i = 0; i < 500; i++)
    met.Meet(static_cast<int32_t>(499 - i), Hash(i));
  CHECK(met.Knows(3));
  for (uint32_t i = 0; i < 500; i++)
    met.Meet(-1, Hash(i));
  CHECK(met.count() == 500);
  CHECK_FALSE(met.exceeded());
}

TEST_CASE("one more than may be is too many, and no more is kept of them") {
  AtomsMet met(300);
  for (uint32_t i = 0; i < 300; i++)
    met.Meet(-1, Hash(i));
  met.Meet(-1, Hash(7));
  CHECK_FALSE(met.exceeded());
  met.Meet(300, Hash(300));
  CHECK(met.exceeded());
  for (uint32_t i = 301; i < 100000; i++)
    met.Meet(static_cast<int32_t>(i), Hash(i));
  CHECK(met.count() == 300);
  CHECK_FALSE(met.Knows(90000));
}

TEST_CASE("a hash of nothing but zeros counts as any") {
  AtomsMet met(10);
  met.Meet(-1, 0);
  met.Meet(-1, 0);
  met.Meet(-1, uint64_t{5} << 32);
  CHECK(met.count() == 1);
}

}  // namespace
}  // namespace beamlink
