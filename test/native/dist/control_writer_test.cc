#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "dist/control.h"
#include "dist/flags.h"
#include "dist/golden_controls.h"
#include "etf/tape_values.h"
#include "record_tapes.h"
#include "tape_maker.h"

namespace beamlink::test {
namespace {

constexpr uint64_t kAllFlags = kFlagSendSender | kFlagExitPayload | kFlagUnlinkId;

// The tape that JavaScript would write for a golden frame: operation, fields, payload.
TapeMaker TapeOf(const GoldenControl& golden) {
  TapeMaker tape;
  tape.Int(golden.public_number);
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 100);
  // The fields are a small tuple: its terms follow 104 and the arity.
  size_t index = 2;
  for (uint8_t i = 0; i < golden.fields[1]; i++) {
    const size_t start = index;
    CHECK(decoder.Term(golden.fields, &index).ok());
    tape.Raw(std::string(golden.fields.begin() + static_cast<ptrdiff_t>(start),
                         golden.fields.begin() + static_cast<ptrdiff_t>(index)));
  }
  if (golden.has_payload) tape.Raw({golden.payload.begin(), golden.payload.end()});
  return tape;
}

struct Writing {
  Writing(const TapeMaker& tape, uint64_t flags) {
    const AtomBook book;
    TapeEncoder encoder(&book);
    const std::string& text = tape.text();
    const EncodeTape encode = {
        tape.ops(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, {}};
    status = WriteControl(encode, flags, &encoder, &out, &splices);
  }

  EiBuffer out;
  std::vector<Splice> splices;
  Status status;
};

// The number in the control tuple's head.
int32_t NumberIn(const EiBuffer& out) {
  return out.bytes()[4];
}

TEST_CASE("a tape without operation, or cut off, is refused") {
  CHECK(!Writing(TapeMaker(), kAllFlags).status.ok());
  CHECK(!Writing(TapeMaker().Nil().Nil(), kAllFlags).status.ok());
  CHECK(!Writing(TapeMaker().Int(99).Nil(), kAllFlags).status.ok());
  CHECK(!Writing(TapeMaker().Int(22).Pid("us@host", 5, 0, 4), kAllFlags).status.ok());
  CHECK(!Writing(TapeMaker().Int(22), 0).status.ok());
}

TEST_CASE("what JavaScript sends is read by the peer as the same operation") {
  for (const uint64_t flags : {kAllFlags, uint64_t{0}}) {
    for (const GoldenControl& golden : GoldenControls()) {
      if (flags == 0 && (golden.public_number >= 35 || golden.public_number == 22)) continue;
      CAPTURE(golden.number);
      const Writing writing(TapeOf(golden), flags);
      REQUIRE_MESSAGE(writing.status.ok(), writing.status.message());
      AtomTable atoms;
      ControlReader reader(&atoms, 100);
      ControlIn in;
      REQUIRE(reader.Read(writing.out.bytes(), &in).ok());
      CHECK(in.operation == golden.public_number);
      const RecordTapes tapes(reader.tape(), writing.out.bytes(), atoms);
      CHECK(tapes.FieldsText() == TermText(golden.fields));
      CHECK(in.has_payload == golden.has_payload);
      if (golden.has_payload) CHECK(tapes.PayloadText() == TermText(golden.payload));
    }
  }
}

TEST_CASE("a peer without the flag gets the older form") {
  const std::map<int32_t, int32_t> older = {{22, 2}, {24, 3}, {26, 8}, {28, 21}, {35, 4}};
  for (const GoldenControl& golden : GoldenControls()) {
    const auto found = older.find(golden.number);
    if (found == older.end()) continue;
    CAPTURE(golden.number);
    const Writing now(TapeOf(golden), kAllFlags);
    const Writing then(TapeOf(golden), 0);
    REQUIRE(now.status.ok());
    REQUIRE(then.status.ok());
    CHECK(NumberIn(now.out) == golden.number);
    CHECK(NumberIn(then.out) == found->second);
    AtomTable atoms;
    ControlReader reader(&atoms, 100);
    ControlIn in;
    CHECK(reader.Read(then.out.bytes(), &in).ok());
    CHECK(in.bad_payload.ok());
  }
}

TEST_CASE("a peer of OTP 28 gets messages to its aliases as op 37") {
  const auto& all = GoldenControls();
  const auto is = [](int32_t number, uint8_t flags) {
    return [=](const GoldenControl& each) {
      return each.number == number && (number != kAltactSigSend || each.frame[6] == flags);
    };
  };
  const auto older = std::find_if(all.begin(), all.end(), is(33, 0));
  const auto newer = std::find_if(all.begin(), all.end(), is(kAltactSigSend, kAltactAlias));
  REQUIRE(newer != all.end());
  const Writing writing(TapeOf(*older), kAllFlags | kFlagAltactSig);
  REQUIRE(writing.status.ok());
  const std::span<const uint8_t> bytes = writing.out.bytes();
  AtomTable atoms;
  ControlReader reader(&atoms, 100);
  ControlIn in;
  REQUIRE(reader.Read(bytes, &in).ok());
  CHECK(in.operation == 33);
  // 131 104 4 97 37 97 4: as Erlang writes it.
  CHECK(std::equal(bytes.begin(), bytes.begin() + 7, newer->frame.begin()));
  CHECK(RecordTapes(reader.tape(), bytes, atoms).FieldsText() == TermText(newer->fields));
  const Writing before(TapeOf(*older), kAllFlags);
  CHECK(NumberIn(before.out) == 33);
}

TEST_CASE("an acknowledgement that the peer cannot know is refused") {
  const Writing writing(TapeMaker().Int(36).Int(1).Pid("us@host", 5, 0, 4).Pid("a@host", 6, 0, 4),
                        0);
  CHECK(writing.status.code() == StatusCode::kUnsupported);
}

}  // namespace
}  // namespace beamlink::test
