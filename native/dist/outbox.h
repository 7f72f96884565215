// What waits to be written to one channel: frames one behind the other in a buffer, with shared
// byte arrays spliced in where they stand, uncopied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/uio.h>
#include <vector>

#include "base/status.h"
#include "etf/ei_buffer.h"
#include "etf/tape_encoder.h"

namespace beamlink {

class Outbox {
 public:
  // A frame is written between Begin and End, to buffer() and splices(). End writes its length in
  // front; a frame that was begun and not ended is taken back by Abandon.
  void Begin();
  Status End(double cost, uint32_t ticket);
  void Abandon();
  // Counts the ticket of a frame that will never be written.
  void Skip(uint32_t ticket) {
    if (ticket != 0) ticket_queued_ = ticket;
  }
  EiBuffer* buffer() { return &filling_.bytes; }
  std::vector<Splice>* splices() { return &filling_.splices; }
  void Tick();

  bool empty() const { return unwritten_ == 0; }
  size_t unwritten() const { return unwritten_; }
  // Points `to` at what is to be written next; returns how many were filled. Valid until the next
  // call of anything here but empty and unwritten.
  size_t Gather(std::span<iovec> to);
  // The first `count` of the gathered bytes have been written.
  void Written(size_t count);

  // Whole frames, ticks not counted.
  uint64_t frames_written() const { return frames_written_; }
  double cost_queued() const { return cost_queued_; }
  double cost_written() const { return cost_written_; }
  // The last one of the frames written, and of all. Tickets rise; 0 is none.
  uint32_t ticket_written() const { return ticket_written_; }
  uint32_t ticket_queued() const { return ticket_queued_; }

 private:
  struct FrameEnd {
    size_t at;  // bytes of the lane up to here, splices included
    double cost;
    uint32_t ticket;
  };
  // One buffer is filled while the other is written, so that what is being written never moves.
  struct Lane {
    EiBuffer bytes;
    std::vector<Splice> splices;
    std::vector<FrameEnd> frames;
    size_t size = 0;  // splices included
  };
  // A place in a lane.
  struct Cursor {
    size_t buffer_at = 0;
    size_t splice = 0;
    size_t splice_at = 0;
  };

  static std::span<const uint8_t> PieceAt(const Lane& lane, const Cursor& cursor);
  static void Advance(const Lane& lane, size_t count, Cursor* cursor);
  void StartNextLane();
  void CountFrames();

  Lane filling_;
  size_t frame_start_ = 0;
  size_t frame_first_splice_ = 0;

  Lane writing_;
  Cursor cursor_;
  size_t lane_written_ = 0;
  size_t frames_counted_ = 0;

  size_t unwritten_ = 0;
  uint64_t frames_written_ = 0;
  double cost_queued_ = 0;
  double cost_written_ = 0;
  uint32_t ticket_queued_ = 0;
  uint32_t ticket_written_ = 0;
};

}  // namespace beamlink
