#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "dist/control.h"
#include "dist/golden_controls.h"
#include "etf/golden_terms.h"
#include "guarded_bytes.h"
#include "record_tapes.h"

namespace beamlink::test {
namespace {

// Reads a body that ends at a page nobody may touch.
struct Reading {
  explicit Reading(std::span<const uint8_t> bytes) : body(bytes), reader(&atoms, 100) {
    status = reader.Read(body.span(), &in);
  }
  RecordTapes tapes() const { return {reader.tape(), body.span(), atoms}; }

  GuardedBytes body;
  AtomTable atoms;
  ControlReader reader;
  ControlIn in;
  Status status;
};

// Where the terms of a frame's control tuple begin: the head, the fields, and the end.
std::vector<size_t> TermStarts(std::span<const uint8_t> frame) {
  std::vector<size_t> starts;
  AtomTable atoms;
  TapeDecoder decoder(&atoms, 100);
  size_t index = 3;  // behind 131, 104, arity
  for (uint8_t i = 0; i < frame[2]; i++) {
    starts.push_back(index);
    CHECK(decoder.Term(frame, &index).ok());
  }
  starts.push_back(index);
  return starts;
}

std::vector<uint8_t> WithTerm(std::span<const uint8_t> frame, size_t from, size_t to,
                              const char* hex) {
  std::vector<uint8_t> changed(frame.begin(), frame.begin() + static_cast<ptrdiff_t>(from));
  const std::vector<uint8_t> term = BytesOfHex(hex);
  changed.insert(changed.end(), term.begin(), term.end());
  changed.insert(changed.end(), frame.begin() + static_cast<ptrdiff_t>(to), frame.end());
  return changed;
}

bool TakesAnyTerm(FieldKind kind) {
  return kind == FieldKind::kReason || kind == FieldKind::kUnused || kind == FieldKind::kToken;
}

TEST_CASE("a field of another type is refused by operation and field") {
  const char* kFloat = "463ff8000000000000";
  for (const GoldenControl& golden : GoldenControls()) {
    const bool has_flags = golden.number == kAltactSigSend;
    const ControlForm* form =
        has_flags ? FindAltactForm(golden.frame[6]) : FindControlForm(golden.number);
    REQUIRE(form != nullptr);
    const size_t first = has_flags ? 2 : 1;
    const std::vector<size_t> starts = TermStarts(golden.frame);
    for (size_t i = 0; i < form->field_count; i++) {
      if (TakesAnyTerm(form->fields[i])) continue;
      const Reading reading(
          WithTerm(golden.frame, starts[i + first], starts[i + first + 1], kFloat));
      CHECK(reading.status.code() == StatusCode::kMalformed);
      const std::string names = std::string(form->name) + " (" + std::to_string(form->number) +
                                "): field " + std::to_string(i + first) + " must be ";
      CHECK_MESSAGE(reading.status.message().starts_with(names), reading.status.message());
    }
  }
}

TEST_CASE("a control tuple with a field too few or too many is refused") {
  for (const GoldenControl& golden : GoldenControls()) {
    std::vector<uint8_t> frame = golden.frame;
    frame[2]--;
    CHECK(Reading(frame).status.code() == StatusCode::kMalformed);
    const size_t end = TermStarts(golden.frame).back();
    frame = WithTerm(golden.frame, end, end, "6a");
    frame[2]++;
    CHECK(Reading(frame).status.code() == StatusCode::kMalformed);
  }
}

TEST_CASE("a frame cut off anywhere is refused, or its payload is") {
  for (const GoldenControl& golden : GoldenControls()) {
    const size_t control_end = TermStarts(golden.frame).back();
    for (size_t size = 0; size < golden.frame.size(); size++) {
      const Reading reading(std::span(golden.frame).first(size));
      if (size < control_end) {
        CHECK(!reading.status.ok());
      } else {
        CHECK(reading.status.ok());
        CHECK(!reading.in.bad_payload.ok());
        CHECK(reading.in.control_end == control_end);
        CHECK(reading.tapes().FieldsText() == TermText(golden.fields));
      }
    }
  }
}

TEST_CASE("what is no control tuple is refused") {
  for (const char* hex : {"", "83", "8361", "836a", "836800", "8368016a", "836101", "8268026101",
                          "836801460000000000000000", "83680164000161", "8350", "83690000000161"}) {
    CHECK_MESSAGE(!Reading(BytesOfHex(hex)).status.ok(), hex);
  }
}

TEST_CASE("an unlink id must be of 1 to 2^64-1") {
  const auto& all = GoldenControls();
  const auto golden = std::find_if(all.begin(), all.end(),
                                   [](const GoldenControl& each) { return each.number == 35; });
  const std::vector<size_t> starts = TermStarts(golden->frame);
  for (const char* hex :
       {"6100", "6200000000", "62ffffffff", "6e01010101", "6e0900010203040506070809", "6e00006a"}) {
    CHECK_MESSAGE(!Reading(WithTerm(golden->frame, starts[1], starts[2], hex)).status.ok(), hex);
  }
  for (const char* hex : {"6101", "627fffffff", "6e040001020304", "6e0800ffffffffffffffff"}) {
    CHECK_MESSAGE(Reading(WithTerm(golden->frame, starts[1], starts[2], hex)).status.ok(), hex);
  }
}

TEST_CASE("every form is read to the form that JavaScript sees") {
  for (const GoldenControl& golden : GoldenControls()) {
    CAPTURE(golden.number);
    const Reading reading(golden.frame);
    REQUIRE_MESSAGE(reading.status.ok(), reading.status.message());
    CHECK(reading.in.known);
    CHECK(reading.in.operation == golden.public_number);
    CHECK(reading.in.has_payload == golden.has_payload);
    CHECK(reading.in.payload_end == golden.frame.size());
    const RecordTapes tapes = reading.tapes();
    REQUIRE(tapes.whole());
    CHECK(tapes.FieldsText() == TermText(golden.fields));
    if (!golden.has_payload) continue;
    CHECK(tapes.PayloadText() == TermText(golden.payload));
    const std::span<const uint8_t> rest = std::span(golden.frame).subspan(reading.in.payload_at);
    CHECK(std::equal(rest.begin(), rest.end(), golden.payload.begin(), golden.payload.end()));
  }
}

TEST_CASE("a signal of op 37 whose flags nobody knows is told by that number") {
  const auto& all = GoldenControls();
  const auto golden = std::find_if(all.begin(), all.end(), [](const GoldenControl& each) {
    return each.number == kAltactSigSend;
  });
  const std::vector<size_t> starts = TermStarts(golden->frame);
  for (const char* flags : {"610c", "6114", "6118", "6120", "62ffffffff"}) {
    const Reading reading(WithTerm(golden->frame, starts[1], starts[2], flags));
    CHECK_MESSAGE(reading.status.ok(), flags);
    CHECK(!reading.in.known);
    CHECK(reading.in.operation == kAltactSigSend);
  }
  // A token where the flags promise none, and none where they do.
  CHECK(!Reading(WithTerm(golden->frame, starts[1], starts[2], "6102")).status.ok());
}

TEST_CASE("every operation of the table is among the golden frames") {
  for (int32_t number = 0; number < 256; number++) {
    const bool golden =
        std::any_of(GoldenControls().begin(), GoldenControls().end(),
                    [number](const GoldenControl& each) { return each.number == number; });
    const bool known = FindControlForm(number) != nullptr || number == kAltactSigSend;
    CHECK(known == golden);
  }
}

TEST_CASE("bytes behind a whole payload are ignored") {
  for (const GoldenControl& golden : GoldenControls()) {
    std::vector<uint8_t> frame = golden.frame;
    frame.insert(frame.end(), {1, 2, 3});
    const Reading reading(frame);
    REQUIRE(reading.status.ok());
    CHECK(reading.in.bad_payload.ok());
    CHECK(reading.in.payload_end == golden.frame.size());
  }
}

TEST_CASE("a well-formed tuple of an unknown operation is told by its number") {
  const Reading reading(BytesOfHex("8368036163640001616a"));
  REQUIRE(reading.status.ok());
  CHECK(!reading.in.known);
  CHECK(reading.in.operation == 99);
  CHECK(reading.tapes().field_count() == 0);
  CHECK(!Reading(BytesOfHex("8368036163640001")).status.ok());
}

TEST_CASE("a reader that gave memory back reads on") {
  AtomTable atoms;
  ControlReader reader(&atoms, 100);
  const auto& all = GoldenControls();
  const auto golden = std::find_if(all.begin(), all.end(),
                                   [](const GoldenControl& each) { return each.number == 2; });
  std::vector<uint8_t> frame(
      golden->frame.begin(),
      golden->frame.begin() + static_cast<ptrdiff_t>(TermStarts(golden->frame).back()));
  const std::vector<uint8_t> list = BytesOfHex("836c00080000");
  frame.insert(frame.end(), list.begin(), list.end());
  for (int i = 0; i < 0x80000; i++)
    frame.insert(frame.end(), {97, 1});
  frame.push_back(106);
  ControlIn in;
  REQUIRE(reader.Read(frame, &in).ok());
  CHECK(in.has_payload);
  CHECK(reader.tape().size() > 0x80000);
  reader.Trim();
  REQUIRE(reader.Read(golden->frame, &in).ok());
  CHECK(RecordTapes(reader.tape(), golden->frame, atoms).PayloadText() ==
        TermText(golden->payload));
}

}  // namespace
}  // namespace beamlink::test
