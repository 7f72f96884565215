// Events read back as JavaScript reads them, as plain values.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dist/event.h"
#include "etf/tape.h"

namespace beamlink::test {

// One record, taken apart.
struct Event {
  EventKind kind;
  uint32_t channel;
  uint32_t charge;
  int32_t operation;
  bool has_payload;
  size_t payload_at;
  std::vector<int32_t> ops;
  std::string body;

  // The words behind the `index`-th op of the first tape, counting from 0; nothing if it is not
  // `op`. For tapes of single values, as those of all events but frames are.
  std::string BinaryAt(size_t index) const {
    const size_t at = OpAt(index);
    if (at >= ops.size() || ops[at] != kBinary) return "(no binary)";
    return body.substr(static_cast<size_t>(ops[at + 1]), static_cast<size_t>(ops[at + 2]));
  }
  std::optional<int32_t> IntAt(size_t index) const {
    const size_t at = OpAt(index);
    if (at >= ops.size() || ops[at] != kInt) return std::nullopt;
    return ops[at + 1];
  }
  // The bytes of the payload, without version byte.
  std::string Payload() const { return body.substr(payload_at); }

 private:
  size_t OpAt(size_t index) const {
    size_t at = 0;
    for (size_t i = 0; i < index && at < ops.size(); i++) {
      switch (ops[at]) {
        case kBinary:
          at += 3;
          break;
        case kWide:
          at += 1;
          at += at % 2 == 0 ? 2 : 3;
          break;
        default:
          at += 2;  // kInt, kAtom
      }
    }
    return at;
  }
};

// Reads a queue as the JavaScript thread does, and waits for what is to come.
class EventReader {
 public:
  EventReader() : queue_([this] { Wake(); }) {}
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;
  ~EventReader() = default;

  EventQueue* queue() { return &queue_; }

  // The next event, or nothing when none waits.
  std::optional<Event> Poll() {
    if (events_.empty()) TakeAll();
    if (events_.empty()) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  // The next event; nothing when none comes in time.
  std::optional<Event> Next(int timeout_ms = 5000) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    for (;;) {
      if (auto event = Poll()) return event;
      std::unique_lock lock(mu_);
      if (!woken_.wait_until(lock, limit, [this] { return wakes_ > 0; })) return std::nullopt;
      wakes_ = 0;
    }
  }

  // The next event of a kind, and of a channel or node unless that is 0. Others are dropped.
  std::optional<Event> NextOf(EventKind kind, uint32_t channel = 0, int timeout_ms = 5000) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          limit - std::chrono::steady_clock::now());
      auto event = Next(static_cast<int>(std::max<int64_t>(left.count(), 0)));
      if (!event || (event->kind == kind && (channel == 0 || event->channel == channel))) {
        return event;
      }
    }
  }

 private:
  void Wake() {
    const std::lock_guard lock(mu_);
    wakes_++;
    woken_.notify_one();
  }

  void TakeAll() {
    for (;;) {
      const size_t filled = queue_.Take(buffer_);
      if (filled == 0) return;
      for (size_t at = 0; at < filled;)
        at += TakeRecord(buffer_.data() + at);
    }
  }

  static void Fill(Event* event, const uint8_t* ops, const uint8_t* body) {
    std::copy_n(ops, event->ops.size() * sizeof(int32_t),
                reinterpret_cast<uint8_t*>(event->ops.data()));
    std::copy_n(body, event->body.size(), event->body.begin());
  }

  size_t TakeRecord(const uint8_t* record) {
    int32_t words[kRecordHeaderWords];
    std::memcpy(words, record, sizeof(words));
    const auto flags = static_cast<uint32_t>(words[7]);
    Event event{.kind = static_cast<EventKind>(words[1]),
                .channel = static_cast<uint32_t>(words[2]),
                .charge = static_cast<uint32_t>(words[3]),
                .operation = words[4],
                .has_payload = (flags & kRecordHasPayload) != 0,
                .payload_at = flags >> kRecordPayloadShift,
                .ops = std::vector<int32_t>(static_cast<size_t>(words[5])),
                .body = std::string(static_cast<size_t>(words[6]), '\0')};
    const size_t ops_bytes = event.ops.size() * sizeof(int32_t);
    const uint8_t* ops = record + sizeof(words);
    if ((flags & kRecordIsLarge) != 0) {
      const LargeRecord large = queue_.TakeLarge();
      Fill(&event, large.ops.size() > 0 ? large.ops.data() : ops, large.body.data());
    } else {
      Fill(&event, ops, ops + ((ops_bytes + 7) & ~size_t{7}));
    }
    events_.push_back(std::move(event));
    return static_cast<size_t>(words[0]);
  }

  std::mutex mu_;
  std::condition_variable woken_;
  int wakes_ = 0;
  EventQueue queue_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(256 * 1024);
  std::deque<Event> events_;
};

}  // namespace beamlink::test
