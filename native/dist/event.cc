#include "dist/event.h"

#include <utility>

namespace beamlink {
namespace {

constexpr size_t kHeaderBytes = kRecordHeaderWords * sizeof(int32_t);
constexpr size_t kChunkBytes = size_t{64} * 1024;
constexpr size_t kMaxSpares = 4;

using RecordHeader = int32_t[kRecordHeaderWords];

constexpr size_t Padded(size_t bytes) {
  return (bytes + 7) & ~size_t{7};
}

size_t RecordBytes(size_t ops_bytes, size_t body_bytes) {
  return kHeaderBytes + Padded(ops_bytes) + Padded(body_bytes);
}

bool IsLarge(size_t ops_bytes, size_t body_bytes) {
  return ops_bytes + body_bytes > kLargeRecordBytes;
}

void FillHeader(const RecordHead& head, size_t record_bytes, size_t ops_bytes, size_t body_bytes,
                int32_t flags, RecordHeader header) {
  const auto payload_at = static_cast<uint32_t>(head.payload_at) << kRecordPayloadShift;
  header[0] = static_cast<int32_t>(record_bytes);
  header[1] = static_cast<int32_t>(head.kind);
  header[2] = static_cast<int32_t>(head.channel);
  header[3] = static_cast<int32_t>(head.charge);
  header[4] = head.operation;
  header[5] = static_cast<int32_t>(ops_bytes / sizeof(int32_t));
  header[6] = static_cast<int32_t>(body_bytes);
  header[7] = flags | (head.has_payload ? kRecordHasPayload : 0) | static_cast<int32_t>(payload_at);
}

void AppendPadded(std::span<const uint8_t> bytes, std::vector<uint8_t>* to) {
  to->insert(to->end(), bytes.begin(), bytes.end());
  to->resize(Padded(to->size()));
}

std::span<const uint8_t> AsBytes(std::span<const int32_t> words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), words.size_bytes()};
}

size_t FirstRecordBytes(const uint8_t* record) {
  int32_t bytes = 0;
  std::memcpy(&bytes, record, sizeof(bytes));
  return static_cast<size_t>(bytes);
}

}  // namespace

void EventQueue::Push(const RecordHead& head, std::span<const int32_t> ops,
                      std::span<const uint8_t> body) {
  if (IsLarge(ops.size_bytes(), body.size())) {
    PushLarge(head, ops, OwnedBytes::CopyOf(body));
    return;
  }
  Count(body.size());
  const size_t bytes = RecordBytes(ops.size_bytes(), body.size());
  RecordHeader header;
  FillHeader(head, bytes, ops.size_bytes(), body.size(), 0, header);
  const MutexLock lock(mu_);
  std::vector<uint8_t>& to = RoomFor(bytes);
  to.insert(to.end(), reinterpret_cast<const uint8_t*>(header),
            reinterpret_cast<const uint8_t*>(header) + kHeaderBytes);
  AppendPadded(AsBytes(ops), &to);
  AppendPadded(body, &to);
}

void EventQueue::PushOwned(const RecordHead& head, std::span<const int32_t> ops, OwnedBytes body) {
  if (IsLarge(ops.size_bytes(), body.size())) {
    PushLarge(head, ops, std::move(body));
  } else {
    Push(head, ops, body.span());
  }
}

void EventQueue::Count(size_t body_bytes) {
  pushed_.records++;
  pushed_.bytes += body_bytes;
}

void EventQueue::PushLarge(const RecordHead& head, std::span<const int32_t> ops, OwnedBytes body) {
  Count(body.size());
  const bool ops_inside = ops.size_bytes() <= kLargeRecordBytes;
  RecordHeader header;
  FillHeader(head, ops_inside ? RecordBytes(ops.size_bytes(), 0) : kHeaderBytes, ops.size_bytes(),
             body.size(), kRecordIsLarge, header);
  Chunk chunk;
  chunk.is_large = true;
  chunk.bytes.assign(reinterpret_cast<const uint8_t*>(header),
                     reinterpret_cast<const uint8_t*>(header) + kHeaderBytes);
  if (ops_inside) {
    AppendPadded(AsBytes(ops), &chunk.bytes);
  } else {
    chunk.large.ops = OwnedBytes::CopyOf(AsBytes(ops));
  }
  chunk.large.body = std::move(body);
  const MutexLock lock(mu_);
  chunks_.push_back(std::move(chunk));
}

void EventQueue::Announce() {
  bool wake = false;
  {
    const MutexLock lock(mu_);
    wake = !chunks_.empty() && std::exchange(reader_waits_, false);
  }
  if (wake) wake_();
}

bool EventQueue::Claim() {
  const MutexLock lock(mu_);
  return !chunks_.empty() && std::exchange(reader_waits_, false);
}

std::vector<uint8_t>& EventQueue::RoomFor(size_t bytes) {
  if (!chunks_.empty()) {
    Chunk& last = chunks_.back();
    if (!last.is_large && last.bytes.size() + bytes <= kChunkBytes) return last.bytes;
  }
  Chunk& fresh = chunks_.emplace_back();
  if (!spares_.empty()) {
    fresh.bytes = std::move(spares_.back());
    spares_.pop_back();
  }
  return fresh.bytes;
}

bool EventQueue::NextChunk(bool may_wait) {
  current_at_ = 0;
  const MutexLock lock(mu_);
  if (!current_.is_large && current_.bytes.capacity() > 0 && spares_.size() < kMaxSpares) {
    current_.bytes.clear();
    spares_.push_back(std::move(current_.bytes));
  }
  current_ = Chunk();
  if (chunks_.empty()) {
    reader_waits_ = may_wait;
    return false;
  }
  current_ = std::move(chunks_.front());
  chunks_.pop_front();
  return true;
}

size_t EventQueue::CopyRecords(std::span<uint8_t> to) {
  const uint8_t* from = current_.bytes.data() + current_at_;
  const size_t left = current_.bytes.size() - current_at_;
  size_t copied = left;
  if (left > to.size()) {
    copied = 0;
    for (size_t next = FirstRecordBytes(from); copied + next <= to.size();
         next = FirstRecordBytes(from + copied)) {
      copied += next;
    }
  }
  if (copied > 0) std::memcpy(to.data(), from, copied);
  current_at_ += copied;
  return copied;
}

size_t EventQueue::Take(std::span<uint8_t> to) {
  size_t filled = 0;
  for (;;) {
    if (current_at_ == current_.bytes.size() && !NextChunk(filled == 0)) return filled;
    const size_t copied = CopyRecords(to.subspan(filled));
    filled += copied;
    if (copied == 0 || current_.is_large || current_at_ < current_.bytes.size()) return filled;
  }
}

LargeRecord EventQueue::TakeLarge() {
  return std::move(current_.large);
}

bool EventQueue::TakeBody(std::span<uint8_t> to) {
  LargeRecord record = TakeLarge();
  if (to.size() != record.body.size()) return false;
  std::memcpy(to.data(), record.body.data(), to.size());
  bodies_.Give(std::move(record.body));
  return true;
}

}  // namespace beamlink
