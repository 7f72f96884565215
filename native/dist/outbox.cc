#include "dist/outbox.h"

#include <algorithm>
#include <utility>

#include "base/big_endian.h"
#include "dist/frame.h"

namespace beamlink {
namespace {

// Memory of a lane above this is given back when the lane has been written.
constexpr size_t kKeptLaneBytes = size_t{1} << 20;

}  // namespace

void Outbox::Begin() {
  frame_start_ = filling_.bytes.size();
  frame_first_splice_ = filling_.splices.size();
  filling_.bytes.Reserve(kFrameLengthBytes);
  filling_.bytes.Advance(kFrameLengthBytes);
  filling_.bytes.Push(kPassThrough);
}

Status Outbox::End(double cost, uint32_t ticket) {
  size_t size = filling_.bytes.size() - frame_start_;
  for (size_t i = frame_first_splice_; i < filling_.splices.size(); i++) {
    size += filling_.splices[i].bytes.size();
  }
  const size_t length = size - kFrameLengthBytes;
  if (length > UINT32_MAX) {
    Abandon();
    Skip(ticket);
    return {StatusCode::kTooLarge, "a message of more than 4 GiB"};
  }
  StoreU32(filling_.bytes.data() + frame_start_, static_cast<uint32_t>(length));
  filling_.size += size;
  filling_.frames.push_back({filling_.size, cost, ticket});
  unwritten_ += size;
  cost_queued_ += cost;
  Skip(ticket);
  return Status::Ok();
}

void Outbox::Abandon() {
  filling_.bytes.Truncate(frame_start_);
  filling_.splices.resize(frame_first_splice_);
}

void Outbox::Tick() {
  constexpr uint8_t kTick[kFrameLengthBytes] = {};
  filling_.bytes.Append(kTick);
  filling_.size += kFrameLengthBytes;
  unwritten_ += kFrameLengthBytes;
}

std::span<const uint8_t> Outbox::PieceAt(const Lane& lane, const Cursor& cursor) {
  size_t buffer_end = lane.bytes.size();
  if (cursor.splice < lane.splices.size()) {
    const Splice& splice = lane.splices[cursor.splice];
    if (cursor.buffer_at == splice.offset) return splice.bytes.subspan(cursor.splice_at);
    buffer_end = splice.offset;
  }
  return lane.bytes.bytes().subspan(cursor.buffer_at, buffer_end - cursor.buffer_at);
}

void Outbox::Advance(const Lane& lane, size_t count, Cursor* cursor) {
  if (cursor->splice < lane.splices.size()) {
    const Splice& splice = lane.splices[cursor->splice];
    if (cursor->buffer_at == splice.offset) {
      cursor->splice_at += count;
      if (cursor->splice_at < splice.bytes.size()) return;
      cursor->splice++;
      cursor->splice_at = 0;
      return;
    }
  }
  cursor->buffer_at += count;
}

void Outbox::StartNextLane() {
  if (writing_.bytes.size() > kKeptLaneBytes) writing_ = Lane();
  writing_.bytes.Truncate(0);
  writing_.splices.clear();
  writing_.frames.clear();
  writing_.size = 0;
  std::swap(writing_, filling_);
  cursor_ = Cursor{};
  lane_written_ = 0;
  frames_counted_ = 0;
}

size_t Outbox::Gather(std::span<iovec> to) {
  if (unwritten_ == 0) return 0;
  if (lane_written_ == writing_.size) StartNextLane();
  size_t filled = 0;
  size_t left = writing_.size - lane_written_;
  for (Cursor cursor = cursor_; filled < to.size() && left > 0;) {
    const std::span<const uint8_t> piece = PieceAt(writing_, cursor);
    Advance(writing_, piece.size(), &cursor);
    left -= piece.size();
    if (piece.empty()) continue;  // a shared array of no bytes
    // writev only reads; iovec has one form for both directions.
    to[filled++] = {const_cast<uint8_t*>(piece.data()), piece.size()};
  }
  return filled;
}

void Outbox::Written(size_t count) {
  unwritten_ -= count;
  lane_written_ += count;
  while (count > 0) {
    const size_t step = std::min(count, PieceAt(writing_, cursor_).size());
    Advance(writing_, step, &cursor_);
    count -= step;
  }
  CountFrames();
}

void Outbox::CountFrames() {
  while (frames_counted_ < writing_.frames.size() &&
         writing_.frames[frames_counted_].at <= lane_written_) {
    const FrameEnd& frame = writing_.frames[frames_counted_++];
    frames_written_++;
    cost_written_ += frame.cost;
    if (frame.ticket != 0) ticket_written_ = frame.ticket;
  }
}

}  // namespace beamlink
