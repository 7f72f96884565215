#include "io/encounter.h"

#include <doctest/doctest.h>

namespace beamlink::test {
namespace {

constexpr PeerSituation kNothing = {.channel_up = false, .dialling = false};
constexpr PeerSituation kUp = {.channel_up = true, .dialling = false};
constexpr PeerSituation kDialling = {.channel_up = false, .dialling = true};

TEST_CASE("a caller is turned away under our name") {
  for (const PeerSituation& situation : {kNothing, kUp, kDialling}) {
    CHECK(AnswerTo("a@h", "a@h", situation) == Encounter::kTurnAway);
  }
}

TEST_CASE("a caller that we hold a channel to is asked whether it is dead") {
  CHECK(AnswerTo("a@h", "b@h", kUp) == Encounter::kAlive);
}

TEST_CASE("of two nodes that dial each other, the one of the greater name goes on dialling") {
  CHECK(AnswerTo("b@h", "a@h", kDialling) == Encounter::kNok);
  CHECK(AnswerTo("a@h", "b@h", kDialling) == Encounter::kOkSimultaneous);
  // As atoms compare: by character, whatever its length in UTF-8.
  CHECK(AnswerTo("\xC3\xBC@h", "z@h", kDialling) == Encounter::kNok);
  CHECK(AnswerTo("ab@h", "a@h", kDialling) == Encounter::kNok);
}

TEST_CASE("any other caller is welcome") {
  CHECK(AnswerTo("a@h", "b@h", kNothing) == Encounter::kOk);
}

}  // namespace
}  // namespace beamlink::test
