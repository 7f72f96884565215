// A channel on its socket.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/unique_fd.h"
#include "dist/channel.h"
#include "io/command.h"
#include "io/direct_reads.h"
#include "io/uv_handle.h"

namespace beamlink {

// Where all connections of a reactor read small frames to.
inline constexpr size_t kScratchBytes = size_t{64} * 1024;

class ConnectionOwner {
 public:
  // The connection has come to its end, and may be destroyed in here.
  virtual void ConnectionEnded(uint32_t channel, const Status& why) = 0;

 protected:
  ~ConnectionOwner() = default;
};

// Any call may find that the connection has come to its end; telling the owner is then the last
// thing it does.
//   thread: the reactor, unless said otherwise
class Connection {
 public:
  // `loop`, `direct`, `scratch` and `owner` outlive it.
  Connection(uv_loop_t* loop, DirectReads* direct, UniqueFd fd, std::span<uint8_t> scratch,
             const ChannelOptions& options, const ChannelTools& tools, ConnectionOwner* owner);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Queues a frame; Flush writes what is queued.
  void Send(const EncodeTape& tape, double cost, uint32_t ticket);
  void Flush();
  // The same without libuv, and without coming to the end: after an error of Queue that is due, by
  // End, for the reason it gives; after one of Write, or when the connection is blocked, Flush is.
  //   thread: whoever has the turn
  Status Queue(const EncodeTape& tape, double cost, uint32_t ticket);
  Status Write();
  bool blocked() const { return blocked_; }
  // Reads what has come. After an error End is due; else, when the connection is no longer read
  // directly after that, Flush.   thread: whoever has the turn
  Status ReadHere();
  // Whether JavaScript's thread is to read it (direct_reads.h).
  bool is_direct() const { return is_direct_; }
  void End(const Status& why) { owner_->ConnectionEnded(id_, why); }
  void Credit(uint64_t bytes);
  void SetUrgent(bool urgent);
  void Drain(double below) { channel_.Drain(below); }
  // Writes what is queued and ends when the peer has seen the end of it, or after a second.
  void Close();
  // To be called now and then while JavaScript's thread reads: has the reading back if that does
  // not keep up, or if nothing comes.
  void ReviewDirectReads();

  // Whether Flush has something to do that it has not tried yet.
  bool wants_flush() const { return channel_.has_output() && !blocked_; }
  size_t unwritten() const { return channel_.unwritten(); }
  std::shared_ptr<const Meter> meter() const { return channel_.meter(); }
  // The channel's last words; it is of no further use then.
  void LastWords(const Status& why) { channel_.End(why); }

 private:
  enum class ReadResult { kMore, kDrained, kEnded };

  // The time of the loop is its thread's alone.
  static uint64_t Now() { return uv_hrtime() / 1'000'000; }
  void OnReady(int events);
  void OnTimer();
  Status CheckPeer(Ticker::Due* due);
  Status ReadAll(size_t budget, size_t* count);
  void BeginDirectReads();
  void EndDirectReads();
  bool ComesFast();
  ReadResult ReadOnce(Status* why, size_t* count);
  Status Discard();
  void UpdateWatch();

  uv_loop_t* const loop_;
  DirectReads* const direct_;
  const std::span<uint8_t> scratch_;
  ConnectionOwner* const owner_;
  const uint32_t id_;

  UniqueFd fd_;  // outlives poll_
  Channel channel_;
  bool is_direct_ = false;
  uint64_t trial_ends_ms_ = 0;  // of reading by the reactor
  uint64_t trusted_until_ms_ = 0;
  uint64_t window_start_ms_ = 0;
  uint64_t frames_before_ = 0;  // before the window
  uint32_t calm_reads_ = 0;     // in a row, by the reactor
  uint32_t reads_here_ = 0;     // since the last review
  uint32_t idle_reviews_ = 0;   // in a row
  bool was_unread_ = false;     // at the last review
  bool blocked_ = false;        // nothing is written before the socket is polled again
  bool checks_soon_ = false;    // the timer knows that the channel is held up
  bool closing_ = false;
  bool shut_ = false;  // the peer has been told that nothing more comes
  Poll poll_;
  Timer ticks_;
  std::unique_ptr<Timer> close_limit_;
};

}  // namespace beamlink
