// Frames that JavaScript's thread writes in the reactor's place.
#include <doctest/doctest.h>
#include <string>

#include "io/pair.h"

namespace beamlink::test {
namespace {

std::string NextText(TestNode* node, size_t size) {
  const auto frame = node->events().NextOf(EventKind::kFrame);
  if (!frame) return "(nothing)";
  const std::string payload = frame->Payload();
  return payload.substr(payload.size() - std::min(size, payload.size()));
}

TEST_CASE("frames keep their order, whichever thread writes them") {
  Pair pair;
  constexpr int kRounds = 3000;
  const auto text_of = [](int round) {
    const std::string number = std::to_string(round + 100000);
    // Small ones here, larger ones there.
    return std::string(round % 7 == 0 ? 8000 : 10, 'x') + number;
  };
  for (int round = 0; round < kRounds; round++) {
    if (round % 5 == 0) {
      pair.one.Say(pair.to_two, text_of(round));
    } else {
      pair.one.SayHere(pair.to_two, text_of(round));
    }
  }
  for (int round = 0; round < kRounds; round++) {
    CHECK(NextText(&pair.two, 6) == std::to_string(round + 100000));
  }
}

TEST_CASE("two threads that write and read at once lose nothing") {
  Pair pair;
  constexpr int kRounds = 2000;
  for (int round = 0; round < kRounds; round++) {
    const std::string text = std::to_string(round + 100000);
    pair.one.SayHere(pair.to_two, text);
    pair.two.SayHere(pair.to_one, text);
  }
  for (int round = 0; round < kRounds; round++) {
    const std::string text = std::to_string(round + 100000);
    CHECK(NextText(&pair.two, 6) == text);
    CHECK(NextText(&pair.one, 6) == text);
  }
}

TEST_CASE("small frames wait behind what a full socket does not take, and then go out") {
  Pair pair({.max_queued_bytes = 1 << 20});
  const std::string large(1 << 20, 'x');
  constexpr int kLarge = 20;
  uint64_t owed = 0;
  for (int i = 0; i < kLarge; i++)
    pair.one.Say(pair.to_two, large);
  for (int i = 0; i < 100; i++) {
    pair.one.SayHere(pair.to_two, std::to_string(i + 100000));
  }
  for (int i = 0; i < kLarge + 100; i++) {
    const auto frame = pair.two.events().NextOf(EventKind::kFrame);
    REQUIRE(frame);
    if (i >= kLarge) CHECK(frame->Payload().ends_with(std::to_string(i - kLarge + 100000)));
    owed += frame->charge;
    pair.two.Post(Credit{pair.to_one, frame->charge});
  }
  CHECK(owed > kLarge * large.size());
}

TEST_CASE("a socket that small frames have filled is written on when the peer reads") {
  Pair pair({.max_queued_bytes = 100000});
  constexpr int kFrames = 6000;
  const std::string filling(4000, 'x');
  for (int i = 0; i < kFrames; i++) {
    pair.one.SayHere(pair.to_two, filling + std::to_string(i + 100000));
  }
  for (int i = 0; i < kFrames; i++) {
    const auto frame = pair.two.events().NextOf(EventKind::kFrame);
    REQUIRE(frame);
    CHECK(frame->Payload().ends_with(std::to_string(i + 100000)));
    pair.two.Post(Credit{pair.to_one, frame->charge});
  }
}

TEST_CASE("a tape without form on the wire, written here, ends the channel with ENCODE") {
  Pair pair;
  pair.one.Send(TapeMaker().Int(6).Frame(pair.to_two));
  CHECK(DownReason(&pair.one, pair.to_two) == "ENCODE");
  CHECK(DownReason(&pair.two, pair.to_one) == "NOCONNECTION");
}

TEST_CASE("a peer that is gone is noticed, whichever thread writes") {
  Pair pair;
  pair.two.Stop();
  for (int i = 0; i < 1000; i++) {
    pair.one.SayHere(pair.to_two, "x");
  }
  CHECK(DownReason(&pair.one, pair.to_two) == "NOCONNECTION");
  // Nobody is there any more to write to.
  pair.one.SayHere(pair.to_two, "x");
}

TEST_CASE("several frames share a tape, and go to the channels that they name") {
  Pair pair;
  TapeMaker tape;
  SendFrames together{.frames = {}, .tape = {}, .ops_words = 0, .ticket = 0, .shared = {}};
  for (int i = 0; i < 5; i++) {
    if (tape.ops().size() % 2 != 0) tape.Nil();
    together.frames.push_back({pair.to_two, static_cast<uint32_t>(tape.ops().size()), 1});
    tape.Int(6).Pid("a@127.0.0.1", 1, 0, 0x1000).Atom("echo").Tuple(2);
    tape.Int(i).Binary("text " + std::to_string(i));
  }
  // Nobody's.
  together.frames.insert(together.frames.begin() + 2, {77, 0, 1});
  SendFrames made = tape.Frame(pair.to_two);
  together.tape = std::move(made.tape);
  together.ops_words = made.ops_words;
  pair.one.Send(std::move(together));
  pair.one.Post(Drain{pair.to_two, 0});
  for (int i = 0; i < 5; i++)
    CHECK(NextText(&pair.two, 6) == "text " + std::to_string(i));
  const auto drained = pair.one.events().NextOf(EventKind::kDrained, pair.to_two);
  REQUIRE(drained);
  CHECK(drained->IntAt(0) == 5);
}

TEST_CASE("a frame that begins beyond its tape ends the channel with ENCODE") {
  Pair pair;
  SendFrames frames = TapeMaker().Int(6).Frame(pair.to_two);
  frames.frames[0].start = 1000;
  pair.one.Send(std::move(frames));
  CHECK(DownReason(&pair.one, pair.to_two) == "ENCODE");
}

}  // namespace
}  // namespace beamlink::test
