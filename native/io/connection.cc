#include "io/connection.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

#include "io/socket.h"

namespace beamlink {
namespace {

constexpr size_t kMaxPieces = 64;
// What one connection may read, or write, before others have their turn.
constexpr size_t kReadBudget = size_t{1} << 20;
constexpr size_t kWriteBudget = size_t{4} << 20;
// Behind a large frame we read little, so that the next one's bytes, too, are received in place.
constexpr size_t kBehindLargeBytes = 1024;
constexpr uint64_t kCloseLimitMs = 1000;
// Calm is a channel that brings no more than this at a time, so often in a row.
constexpr size_t kCalmBytes = 1024;
constexpr uint32_t kCalmReads = 16;
// More than this at a time is better read while JavaScript does something else.
constexpr size_t kMostDirectBytes = size_t{16} * 1024;
constexpr uint32_t kMostIdleReviews = 4;
// As is a channel with more than 15 frames a millisecond, if many callers make them: the reactor
// gathers what they send, where JavaScript would be woken for each. Whether they are many shows in
// the reactor's reads; if those are calm it was one who is quick, and is left in peace for a while.
constexpr uint64_t kRateWindowMs = 4;
constexpr uint64_t kMostFramesEachMs = 15;
constexpr uint64_t kTrialMs = 20;
constexpr uint64_t kSoonMs = 20;
constexpr uint64_t kTrustedMs = 1000;

Status Broken(int error) {
  return {StatusCode::kNoConnection, "the connection broke: " + ErrorText(error)};
}

Status ClosedHere() {
  return {StatusCode::kClosed, "closed on this side"};
}

bool WouldBlock(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Connection::Connection(uv_loop_t* loop, DirectReads* direct, UniqueFd fd,
                       std::span<uint8_t> scratch, const ChannelOptions& options,
                       const ChannelTools& tools, ConnectionOwner* owner)
    : loop_(loop),
      direct_(direct),
      scratch_(scratch),
      owner_(owner),
      id_(options.id),
      fd_(std::move(fd)),
      channel_(options, tools, Now()),
      poll_(loop, fd_.get(), [this](int events) { OnReady(events); }),
      ticks_(loop, [this] { OnTimer(); }) {
  ticks_.Start(channel_.NextCheckMs(Now()));
  UpdateWatch();
}

Connection::~Connection() {
  EndDirectReads();
}

void Connection::UpdateWatch() {
  if (closing_ || !channel_.reading()) EndDirectReads();
  const bool reads = (channel_.reading() || closing_) && !is_direct_;
  poll_.Watch((reads ? UV_READABLE : 0) | (blocked_ ? UV_WRITABLE : 0));
  if (channel_.held_up() == checks_soon_) return;
  checks_soon_ = channel_.held_up();
  ticks_.Start(channel_.NextCheckMs(Now()));
}

void Connection::OnReady(int events) {
  if ((events & UV_WRITABLE) != 0) blocked_ = false;
  if ((events & UV_READABLE) != 0) {
    size_t count = 0;
    if (Status why = closing_ ? Discard() : ReadAll(kReadBudget, &count); !why.ok())
      return End(why);
    calm_reads_ = count <= kCalmBytes ? calm_reads_ + 1 : 0;
    if (calm_reads_ >= kCalmReads && !closing_) BeginDirectReads();
  }
  Flush();
}

Status Connection::ReadHere() {
  size_t count = 0;
  reads_here_++;
  Status status = ReadAll(kMostDirectBytes, &count);
  if (!status.ok() || count >= kMostDirectBytes || !channel_.reading() || ComesFast()) {
    EndDirectReads();
  }
  return status;
}

// Whether more frames have come than JavaScript's thread should be woken for.
bool Connection::ComesFast() {
  const uint64_t now = Now();
  const uint64_t elapsed = now - window_start_ms_;
  if (elapsed < kRateWindowMs || now < trusted_until_ms_) return false;
  const uint64_t frames = channel_.frames_read() - frames_before_;
  window_start_ms_ = now;
  frames_before_ = channel_.frames_read();
  if (frames <= elapsed * kMostFramesEachMs) return false;
  trial_ends_ms_ = now + kTrialMs;
  return true;
}

void Connection::BeginDirectReads() {
  const uint64_t now = Now();
  if (is_direct_ || now < trial_ends_ms_) return;
  is_direct_ = direct_->Add(fd_.get(), id_);
  if (now < trial_ends_ms_ + kSoonMs) trusted_until_ms_ = now + kTrustedMs;
  window_start_ms_ = now;
  frames_before_ = channel_.frames_read();
  reads_here_ = 0;
  idle_reviews_ = 0;
  was_unread_ = false;
}

void Connection::EndDirectReads() {
  calm_reads_ = 0;
  if (!is_direct_) return;
  is_direct_ = false;
  direct_->Remove(fd_.get());
}

void Connection::ReviewDirectReads() {
  if (!is_direct_) return;
  pollfd socket = {fd_.get(), POLLIN, 0};
  const bool is_unread = ::poll(&socket, 1, 0) == 1;
  idle_reviews_ = reads_here_ == 0 ? idle_reviews_ + 1 : 0;
  const bool is_late = is_unread && was_unread_ && reads_here_ == 0;
  was_unread_ = is_unread;
  reads_here_ = 0;
  if (!is_late && idle_reviews_ < kMostIdleReviews) return;
  EndDirectReads();
  UpdateWatch();
}

// `sum` counts the bytes that were read, up to about `budget`.
Status Connection::ReadAll(size_t budget, size_t* sum) {
  size_t left = budget;
  Status why;
  while (channel_.reading() && left > 0) {
    size_t count = 0;
    switch (ReadOnce(&why, &count)) {
      case ReadResult::kMore:
        *sum += count;
        left -= std::min(count, left);
        break;
      case ReadResult::kDrained:
        *sum += count;
        return Status::Ok();
      case ReadResult::kEnded:
        return why;
    }
  }
  return Status::Ok();
}

Connection::ReadResult Connection::ReadOnce(Status* why, size_t* count) {
  const std::span<uint8_t> wanted = channel_.Wanted();
  const std::span<uint8_t> behind =
      wanted.empty() ? scratch_ : scratch_.first(std::min(scratch_.size(), kBehindLargeBytes));
  iovec pieces[2] = {{wanted.data(), wanted.size()}, {behind.data(), behind.size()}};
  const ssize_t got = wanted.empty() ? ::read(fd_.get(), behind.data(), behind.size())
                                     : ::readv(fd_.get(), pieces, 2);
  if (got < 0) {
    if (WouldBlock(errno)) return ReadResult::kDrained;
    *why = Broken(errno);
    return ReadResult::kEnded;
  }
  if (got == 0) {
    *why = {StatusCode::kNoConnection, "the peer closed the connection"};
    return ReadResult::kEnded;
  }
  *count = static_cast<size_t>(got);
  const size_t in_place = std::min(*count, wanted.size());
  *why = channel_.ReceivedWanted(in_place, Now());
  if (why->ok()) *why = channel_.Received(behind.first(*count - in_place), Now());
  if (!why->ok()) return ReadResult::kEnded;
  return *count < wanted.size() + behind.size() ? ReadResult::kDrained : ReadResult::kMore;
}

// While we close: closing a socket with unread bytes would reset the connection, and the peer could
// lose what we wrote last.
Status Connection::Discard() {
  for (size_t left = kReadBudget; left > 0;) {
    const ssize_t got = ::read(fd_.get(), scratch_.data(), scratch_.size());
    if (got == 0 || (got < 0 && !WouldBlock(errno))) return ClosedHere();
    if (got < 0) break;
    left -= std::min(static_cast<size_t>(got), left);
  }
  return Status::Ok();
}

void Connection::Send(const EncodeTape& tape, double cost, uint32_t ticket) {
  if (Status why = Queue(tape, cost, ticket); !why.ok()) End(why);
}

Status Connection::Queue(const EncodeTape& tape, double cost, uint32_t ticket) {
  if (closing_) {
    channel_.Drop(ticket);
    return Status::Ok();
  }
  Status status = channel_.Send(tape, cost, ticket);
  if (status.ok()) return status;
  return {StatusCode::kEncode, "a frame could not be written: " + status.message()};
}

Status Connection::Write() {
  iovec pieces[kMaxPieces];
  size_t left = kWriteBudget;
  while (channel_.has_output() && !blocked_) {
    msghdr message = {};
    message.msg_iov = pieces;
    message.msg_iovlen = channel_.Gather(pieces);
    const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      channel_.Written(static_cast<size_t>(sent), Now());
      left -= std::min(static_cast<size_t>(sent), left);
      // A peer that reads as fast as we write goes on in the next turn.
      blocked_ = left == 0;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      blocked_ = true;
    } else if (errno != EINTR) {
      return Broken(errno);
    }
  }
  return Status::Ok();
}

void Connection::Flush() {
  if (Status why = Write(); !why.ok()) {
    // What the peer said before it went is still there to be read.
    size_t count = 0;
    if (!closing_) (void)ReadAll(kReadBudget, &count);
    return End(why);
  }
  if (closing_ && !channel_.has_output() && !shut_) {
    shut_ = true;
    if (::shutdown(fd_.get(), SHUT_WR) != 0) return End(ClosedHere());
  }
  UpdateWatch();
}

void Connection::Credit(uint64_t bytes) {
  channel_.Credit(bytes, Now());
  UpdateWatch();
}

void Connection::SetUrgent(bool urgent) {
  channel_.SetUrgent(urgent, Now());
  UpdateWatch();
}

void Connection::Close() {
  if (closing_) return;
  closing_ = true;
  close_limit_ = std::make_unique<Timer>(loop_, [this] {
    End({StatusCode::kClosed, "closed on this side; the peer did not answer that"});
  });
  close_limit_->Start(kCloseLimitMs);
  Flush();
}

// If it is us who slept (SIGSTOP, a machine that was suspended), what the peer has said meanwhile
// is still to be read: that comes before the verdict.
Status Connection::CheckPeer(Ticker::Due* due) {
  *due = channel_.Check(Now());
  if (*due != Ticker::Due::kPeerIsSilent || closing_) return Status::Ok();
  size_t count = 0;
  if (Status why = ReadAll(kReadBudget, &count); !why.ok()) return why;
  if (count > 0) *due = channel_.Check(Now());
  return Status::Ok();
}

void Connection::OnTimer() {
  Ticker::Due due = Ticker::Due::kNothing;
  if (Status why = CheckPeer(&due); !why.ok()) return End(why);
  switch (due) {
    case Ticker::Due::kPeerIsSilent:
      return End({StatusCode::kNoConnection, "the peer was silent for the tick time"});
    case Ticker::Due::kTick:
    case Ticker::Due::kNothing:
      break;
  }
  ticks_.Start(channel_.NextCheckMs(Now()));
  if (wants_flush()) return Flush();
  UpdateWatch();
}

}  // namespace beamlink
