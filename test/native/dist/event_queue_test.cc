#include <doctest/doctest.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dist/event.h"
#include "event_reader.h"

namespace beamlink::test {
namespace {

RecordHead HeadOf(uint32_t channel) {
  return {.kind = EventKind::kFrame,
          .channel = channel,
          .charge = 5,
          .operation = 22,
          .has_payload = true,
          .payload_at = 70000};
}

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST_CASE("a record comes out as it went in, of any size") {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{1000},
                            kLargeRecordBytes - 4, kLargeRecordBytes, size_t{1} << 20}) {
    EventReader reader;
    const std::string body(size, 'b');
    const std::vector<int32_t> ops(1 + size % 3, 77);
    reader.queue()->Push(HeadOf(3), ops, Bytes(body));
    reader.queue()->PushOwned(HeadOf(4), ops, OwnedBytes::CopyOf(Bytes(body)));
    for (const uint32_t channel : {3u, 4u}) {
      const auto event = reader.Poll();
      REQUIRE(event);
      CHECK(event->kind == EventKind::kFrame);
      CHECK(event->channel == channel);
      CHECK(event->charge == 5);
      CHECK(event->operation == 22);
      CHECK(event->has_payload);
      CHECK(event->payload_at == 70000);
      CHECK(event->ops == ops);
      CHECK(event->body == body);
    }
    CHECK(!reader.Poll());
  }
}

TEST_CASE("the memory of a large body is handed on, not copied") {
  EventQueue queue([] {});
  OwnedBytes body(kLargeRecordBytes + 1);
  const uint8_t* memory = body.data();
  const int32_t ops[] = {0};
  queue.PushOwned(HeadOf(1), ops, std::move(body));
  std::vector<uint8_t> to(kLargeRecordBytes + 64);
  CHECK(queue.Take(to) == kRecordHeaderWords * sizeof(int32_t) + 8);  // with its ops
  CHECK(queue.TakeLarge().body.data() == memory);
  CHECK(queue.Take(to) == 0);
}

TEST_CASE("the reader is woken once until it has seen the queue empty") {
  int wakes = 0;
  EventQueue queue([&] { wakes++; });
  const int32_t ops[] = {0};
  std::vector<uint8_t> to(kLargeRecordBytes + 64);
  queue.Announce();
  CHECK(wakes == 0);
  queue.Push(HeadOf(1), ops, {});
  queue.Push(HeadOf(1), ops, {});
  CHECK(wakes == 0);
  queue.Announce();
  queue.Announce();
  CHECK(wakes == 1);
  CHECK(queue.Take(to) > 0);
  queue.Push(HeadOf(1), ops, {});
  queue.Announce();
  CHECK(wakes == 1);
  CHECK(queue.Take(to) > 0);
  CHECK(queue.Take(to) == 0);
  queue.Push(HeadOf(1), ops, {});
  queue.Announce();
  CHECK(wakes == 2);
}

TEST_CASE("the memory of a body that was copied out serves again") {
  EventQueue queue([] {});
  constexpr size_t kSize = kLargeRecordBytes + 1;
  OwnedBytes body;
  REQUIRE(queue.bodies()->Take(kSize, &body));
  const uint8_t* memory = body.data();
  std::memset(body.data(), 7, kSize);
  const int32_t ops[] = {0};
  queue.PushOwned(HeadOf(1), ops, std::move(body));
  std::vector<uint8_t> to(kLargeRecordBytes + 64);
  CHECK(queue.Take(to) > 0);
  std::vector<uint8_t> copy(kSize);
  CHECK(queue.TakeBody(copy));
  CHECK(copy == std::vector<uint8_t>(kSize, 7));
  OwnedBytes again;
  REQUIRE(queue.bodies()->Take(kSize - 100, &again));
  CHECK(again.data() == memory);
}

TEST_CASE("records keep their order between threads, whatever their size") {
  constexpr uint32_t kRecords = 20000;
  EventReader reader;
  std::thread writer([&] {
    std::mt19937 random(3);
    for (uint32_t i = 1; i <= kRecords; i++) {
      const size_t size = i % 500 == 0 ? kLargeRecordBytes + 100 : random() % 300;
      const std::string body(size, static_cast<char>('a' + i % 26));
      const std::vector<int32_t> ops(random() % 40, static_cast<int32_t>(i));
      reader.queue()->Push(HeadOf(i), ops, Bytes(body));
      reader.queue()->Announce();
    }
  });
  uint32_t wrong = 0;
  for (uint32_t i = 1; i <= kRecords; i++) {
    const auto event = reader.Next();
    if (!event || event->channel != i ||
        event->body.find_first_not_of(static_cast<char>('a' + i % 26)) != std::string::npos) {
      wrong++;
    }
    if (!event) break;
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(!reader.Poll());
}

}  // namespace
}  // namespace beamlink::test
