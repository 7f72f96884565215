#include "dist/outbox.h"

#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include "base/big_endian.h"

namespace beamlink::test {
namespace {

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string Framed(const std::string& body) {
  std::string frame(4, '\0');
  StoreU32(reinterpret_cast<uint8_t*>(frame.data()), static_cast<uint32_t>(body.size() + 1));
  return frame + "\x70" + body;
}

// A frame of a head, a shared array and a tail.
void Put(Outbox* outbox, const std::string& head, const std::string* shared,
         const std::string& tail, double cost, uint32_t ticket) {
  outbox->Begin();
  outbox->buffer()->Append(Bytes(head));
  if (shared != nullptr) outbox->splices()->push_back({outbox->buffer()->size(), Bytes(*shared)});
  outbox->buffer()->Append(Bytes(tail));
  REQUIRE(outbox->End(cost, ticket).ok());
}

// Writes up to `limit` bytes.
std::string Write(Outbox* outbox, size_t limit, size_t max_pieces = 64) {
  std::vector<iovec> pieces(max_pieces);
  const size_t count = outbox->Gather(pieces);
  std::string written;
  for (size_t i = 0; i < count && written.size() < limit; i++) {
    const size_t size = std::min(pieces[i].iov_len, limit - written.size());
    written.append(static_cast<const char*>(pieces[i].iov_base), size);
  }
  outbox->Written(written.size());
  return written;
}

TEST_CASE("an abandoned frame leaves nothing behind") {
  Outbox outbox;
  const std::string shared = "shared";
  Put(&outbox, "one", nullptr, "", 1, 0);
  outbox.Begin();
  outbox.buffer()->Append(Bytes(shared));
  outbox.splices()->push_back({outbox.buffer()->size(), Bytes(shared)});
  outbox.Abandon();
  Put(&outbox, "two", &shared, "", 1, 0);
  CHECK(Write(&outbox, SIZE_MAX) == Framed("one") + Framed("twoshared"));
  CHECK(outbox.empty());
}

TEST_CASE("an empty outbox gives nothing") {
  Outbox outbox;
  iovec piece;
  CHECK(outbox.empty());
  CHECK(outbox.Gather({&piece, 1}) == 0);
}

TEST_CASE("a shared array is written from where it lies") {
  Outbox outbox;
  const std::string shared(100000, 's');
  Put(&outbox, "head", &shared, "tail", 1, 0);
  iovec pieces[4];
  REQUIRE(outbox.Gather(pieces) == 3);
  CHECK(pieces[1].iov_base == shared.data());
  CHECK(pieces[1].iov_len == shared.size());
  CHECK(outbox.unwritten() == Framed("headtail").size() + shared.size());
}

TEST_CASE("empty shared arrays and frames that end in one are written") {
  Outbox outbox;
  const std::string empty;
  const std::string last = "last";
  Put(&outbox, "a", &empty, "", 1, 1);
  Put(&outbox, "b", &empty, "c", 1, 2);
  Put(&outbox, "d", &last, "", 1, 3);
  CHECK(Write(&outbox, SIZE_MAX) == Framed("a") + Framed("bc") + Framed("dlast"));
  CHECK(outbox.empty());
  CHECK(outbox.ticket_written() == 3);
}

TEST_CASE("the stream is the same however it is written, while more is queued") {
  std::mt19937 random(11);
  std::vector<std::string> shared(300);
  for (size_t i = 0; i < shared.size(); i++)
    shared[i] = std::string(random() % 3000, 'a' + i % 26);
  for (const size_t longest : {size_t{1}, size_t{7}, size_t{500}, size_t{100000}}) {
    Outbox outbox;
    std::string expected;
    std::string written;
    for (size_t i = 0; i < shared.size(); i++) {
      const std::string head = "head " + std::to_string(i);
      if (i % 5 == 0) {
        outbox.Tick();
        expected += std::string(4, '\0');
      }
      Put(&outbox, head, i % 3 == 0 ? &shared[i] : nullptr, "tail", 1, 0);
      expected += Framed(head + (i % 3 == 0 ? shared[i] : "") + "tail");
      written += Write(&outbox, 1 + random() % longest, 1 + random() % 4);
    }
    while (!outbox.empty())
      written += Write(&outbox, 1 + random() % longest, 1 + random() % 4);
    CHECK(written == expected);
  }
}

TEST_CASE("cost and ticket of a frame count when its last byte is written") {
  Outbox outbox;
  Put(&outbox, "one", nullptr, "", 10, 0);
  Put(&outbox, "two", nullptr, "", 20, 7);
  Put(&outbox, "three", nullptr, "", 30, 9);
  CHECK(outbox.cost_queued() == 60);
  CHECK(outbox.ticket_queued() == 9);
  Write(&outbox, 8);
  CHECK(outbox.cost_written() == 10);
  Write(&outbox, 7);
  CHECK(outbox.cost_written() == 10);
  CHECK(outbox.ticket_written() == 0);
  Write(&outbox, 1);
  CHECK(outbox.cost_written() == 30);
  CHECK(outbox.ticket_written() == 7);
  Write(&outbox, SIZE_MAX);
  CHECK(outbox.cost_written() == 60);
  CHECK(outbox.ticket_written() == 9);
}

}  // namespace
}  // namespace beamlink::test
