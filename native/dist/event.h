// Events: what climbs from the reactor to JavaScript, and the queue they climb through.
//
//   record := bytes kind channel charge operation ops_words body_bytes flags   (8 words of 32 bits)
//             op{ops_words} pad8 byte{body_bytes} pad8
//
// lib/native/contract.ts names the words, the kinds and the values on each kind's tape; the two
// files repeat the same numbers and test/unit/contract.test.ts compares them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_pool.h"
#include "base/mutex.h"
#include "base/owned_bytes.h"
#include "base/thread_annotations.h"

namespace beamlink {

enum class EventKind : int32_t {
  kFrame = 1,
  kBadPayload = 2,
  kChannelUp = 3,
  kChannelDown = 4,
  kDialFailed = 5,
  kDrained = 6,
  kReleased = 7,
  kListening = 8,
  kListenFailed = 9,
  kRefused = 10,
  kAtomsRenewed = 11,
  kAsked = 12,
};

inline constexpr int32_t kRecordHeaderWords = 8;
inline constexpr int32_t kRecordHasPayload = 1;
inline constexpr int32_t kRecordIsLarge = 2;
// Above the flags' bits: where in the body the payload's term begins (behind its version byte).
inline constexpr int32_t kRecordPayloadShift = 8;
inline constexpr size_t kMaxPayloadOffset = (size_t{1} << (32 - kRecordPayloadShift)) - 1;

// A record whose ops and body together are above this is handed over whole, not copied.
inline constexpr size_t kLargeRecordBytes = size_t{32} * 1024;

struct RecordHead {
  EventKind kind;
  uint32_t channel;
  uint32_t charge = 0;
  int32_t operation = 0;
  bool has_payload = false;
  size_t payload_at = 0;
};

struct LargeRecord {
  OwnedBytes ops;  // none when they stand in the record
  OwnedBytes body;
};

// Records in order, from the reactor to JavaScript. Small ones lie ready in chunks; a large one
// keeps its memory, which becomes an ArrayBuffer as it is.
//   thread: Push and pushed() whoever has the turn (io/turn.h), Announce the reactor's and
//   JavaScript's, Claim and Take… JavaScript's only
class EventQueue {
 public:
  // `wake` is called by Announce.
  explicit EventQueue(std::function<void()> wake) : wake_(std::move(wake)) {}
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue() = default;

  // Copies `ops` and `body` into a record.
  void Push(const RecordHead& head, std::span<const int32_t> ops, std::span<const uint8_t> body);
  // The same for a body that is already in memory of its own (a large frame).
  void PushOwned(const RecordHead& head, std::span<const int32_t> ops, OwnedBytes body);

  // Wakes the reader if records wait and it has seen the queue empty; once per such moment. The
  // reactor announces once a turn, what all sockets brought together: a wake costs more than a
  // record.
  void Announce();

  // The same without waking the reader, who is there: true when it has to look.
  bool Claim();

  // Copies whole records to `to` until the next does not fit. A large record comes without
  // its body (and without its ops, if they are large themselves: then it is its header alone), with
  // kRecordIsLarge, and ends the batch: TakeLarge() must be called before the next Take. Returns
  // the bytes written; 0 means empty, and what is
  // pushed then is announced.
  //   requires: `to` holds at least kLargeRecordBytes + 64 bytes
  size_t Take(std::span<uint8_t> to);
  LargeRecord TakeLarge();
  // The same for a record whose ops stood in it: copies the body to `to`, and its memory is used
  // again. False when `to` is not of the body's size; the body is lost then.
  bool TakeBody(std::span<uint8_t> to);

  // What has been pushed since the start.
  struct Pushed {
    uint64_t records = 0;
    uint64_t bytes = 0;  // of bodies
  };
  const Pushed& pushed() const { return pushed_; }

  // Where the memory of bodies comes from. thread: any
  BytePool* bodies() { return &bodies_; }

 private:
  struct Chunk {
    std::vector<uint8_t> bytes;  // records, or what of a large one is not in `large`
    LargeRecord large;
    bool is_large = false;
  };

  void Count(size_t body_bytes);
  void PushLarge(const RecordHead& head, std::span<const int32_t> ops, OwnedBytes body);
  std::vector<uint8_t>& RoomFor(size_t bytes) REQUIRES(mu_);
  bool NextChunk(bool may_wait);
  size_t CopyRecords(std::span<uint8_t> to);

  const std::function<void()> wake_;
  Pushed pushed_;
  BytePool bodies_;
  Mutex mu_;
  std::deque<Chunk> chunks_ GUARDED_BY(mu_);
  std::vector<std::vector<uint8_t>> spares_ GUARDED_BY(mu_);  // memory of chunks that were read
  bool reader_waits_ GUARDED_BY(mu_) = true;

  // Reader's own: the chunk being copied out, and the large record to be fetched.
  Chunk current_;
  size_t current_at_ = 0;
};

}  // namespace beamlink
