#include "dist/frame.h"

#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include "base/big_endian.h"

namespace beamlink::test {
namespace {

constexpr uint32_t kLimit = 1 << 20;

// What a reader makes of a stream: ticks as "tick", bodies as they are.
using Taken = std::vector<std::string>;

std::string FrameOf(const std::string& body) {
  std::string frame(kFrameLengthBytes, '\0');
  StoreU32(reinterpret_cast<uint8_t*>(frame.data()), static_cast<uint32_t>(body.size() + 1));
  return frame + static_cast<char>(kPassThrough) + body;
}

std::string Tick() {
  return std::string(kFrameLengthBytes, '\0');
}

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// False on an error.
bool Feed(FrameReader* reader, std::string_view chunk, Taken* taken) {
  std::span<const uint8_t> bytes = Bytes(chunk);
  for (;;) {
    switch (reader->Next(&bytes)) {
      case FrameReader::Step::kNeedsMore:
        CHECK(bytes.empty());
        return true;
      case FrameReader::Step::kTick:
        taken->emplace_back("tick");
        break;
      case FrameReader::Step::kFrame:
        taken->emplace_back(reader->body().begin(), reader->body().end());
        CHECK(reader->body().size() <= kLargeBodyBytes);
        break;
      case FrameReader::Step::kLargeFrame: {
        const OwnedBytes body = reader->TakeLarge();
        CHECK(body.size() > kLargeBodyBytes);
        taken->emplace_back(body.span().begin(), body.span().end());
        break;
      }
      case FrameReader::Step::kError:
        return false;
    }
  }
}

// Bodies around every size at which the reader changes its ways.
Taken Bodies() {
  Taken bodies = {"", "a", "tick me not"};
  for (const size_t size :
       {kLargeBodyBytes - 1, kLargeBodyBytes, kLargeBodyBytes + 1, size_t{70000}}) {
    std::string body;
    for (size_t i = 0; i < size; i++)
      body += static_cast<char>(i * 31 + size);
    bodies.push_back(body);
    bodies.emplace_back("small between");
  }
  return bodies;
}

std::string StreamOf(const Taken& bodies) {
  std::string stream;
  for (const std::string& body : bodies)
    stream += FrameOf(body);
  return stream;
}

TEST_CASE("a frame above the limit is refused as soon as its length is known") {
  BytePool pool;
  FrameReader reader(100, &pool);
  Taken taken;
  CHECK(Feed(&reader, FrameOf(std::string(99, 'x')), &taken));
  CHECK(taken.size() == 1);
  CHECK(!Feed(&reader, FrameOf(std::string(100, 'x')).substr(0, 5), &taken));
  CHECK(reader.status().code() == StatusCode::kTooLarge);
  CHECK(!Feed(&reader, Tick(), &taken));
  CHECK(taken.size() == 1);
}

TEST_CASE("a frame that does not begin with 112 is refused") {
  for (const size_t first : {1, 5, 30}) {
    std::string frame = FrameOf(std::string(25, 'x'));
    frame[kFrameLengthBytes] = static_cast<char>(131);
    BytePool pool;
    FrameReader reader(kLimit, &pool);
    Taken taken;
    const bool kept = Feed(&reader, frame.substr(0, first), &taken);
    CHECK(!(kept && Feed(&reader, frame.substr(first), &taken)));
    CHECK(reader.status().code() == StatusCode::kMalformed);
    CHECK(taken.empty());
  }
}

TEST_CASE("a stream gives the same frames however it is cut") {
  const Taken bodies = Bodies();
  const std::string stream = StreamOf(bodies);
  std::mt19937 random(7);
  for (const size_t longest :
       {size_t{1}, size_t{3}, size_t{100}, size_t{5000}, size_t{65536}, stream.size()}) {
    BytePool pool;
    FrameReader reader(kLimit, &pool);
    Taken taken;
    for (size_t at = 0; at < stream.size();) {
      const size_t size = std::min(1 + random() % longest, stream.size() - at);
      REQUIRE(Feed(&reader, std::string_view(stream).substr(at, size), &taken));
      at += size;
    }
    CHECK(taken == bodies);
  }
}

TEST_CASE("ticks between frames and in parts are seen") {
  BytePool pool;
  FrameReader reader(kLimit, &pool);
  Taken taken;
  const std::string stream = Tick() + Tick() + FrameOf("one") + Tick() + FrameOf("two") + Tick();
  for (const char byte : stream)
    REQUIRE(Feed(&reader, std::string(1, byte), &taken));
  CHECK(taken == Taken{"tick", "tick", "one", "tick", "two", "tick"});
  taken.clear();
  REQUIRE(Feed(&reader, stream, &taken));
  CHECK(taken == Taken{"tick", "tick", "one", "tick", "two", "tick"});
}

TEST_CASE("a large frame can be received in place") {
  const std::string body(100000, 'z');
  const std::string frame = FrameOf(body);
  BytePool pool;
  FrameReader reader(kLimit, &pool);
  Taken taken;
  CHECK(reader.Wanted().empty());
  REQUIRE(Feed(&reader, frame.substr(0, 1000), &taken));
  size_t at = 1000;
  while (!reader.Wanted().empty()) {
    const std::span<uint8_t> wanted = reader.Wanted();
    CHECK(wanted.size() == frame.size() - at);
    const size_t size = std::min<size_t>(wanted.size(), 30000);
    std::copy_n(frame.begin() + static_cast<ptrdiff_t>(at), size, wanted.begin());
    at += size;
    reader.Received(size);
    REQUIRE(Feed(&reader, "", &taken));
  }
  CHECK(at == frame.size());
  CHECK(taken == Taken{body});
  REQUIRE(Feed(&reader, FrameOf("next"), &taken));
  CHECK(taken.back() == "next");
}

}  // namespace
}  // namespace beamlink::test
