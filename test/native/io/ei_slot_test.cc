#include "io/ei_slot.h"

#include <doctest/doctest.h>
#include <memory>

namespace beamlink::test {
namespace {

// Made before main, and so destroyed behind the statics that are made later: as a thread that still
// shakes hands while exit() runs, and then gives back its slot.
std::unique_ptr<EiSlot> given_back_last;

TEST_CASE("slots are given back until the very end of the process") {
  given_back_last = std::make_unique<EiSlot>();
  const EiSlot other;
  CHECK(other.number() != given_back_last->number());
}

}  // namespace
}  // namespace beamlink::test
