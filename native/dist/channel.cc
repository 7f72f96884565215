#include "dist/channel.h"

#include <algorithm>
#include <string>
#include <utility>

namespace beamlink {
namespace {

// While a call to the peer is pending we read at least so far past the mark: its answer lies behind
// what the kernels of both sides hold, which is tens of mebibytes, and small messages take ten
// times as much in JavaScript as on the wire. `lib/node/flow.ts` knows this number, too.
constexpr uint64_t kLeastUrgentBytes = uint64_t{512} << 20;

// What a message takes in a queue besides its value. Measured: 100 to 200 bytes.
constexpr uint64_t kMessageBytes = 160;

}  // namespace

Channel::Channel(const ChannelOptions& options, const ChannelTools& tools, uint64_t now_ms)
    : options_(options),
      tools_(tools),
      frames_(options.max_frame_bytes, tools.events->bodies()),
      rate_(options.max_frames_per_second),
      atoms_(options.max_atoms),
      ticker_(options.tick_time_ms, now_ms) {}

Status Channel::ReceivedWanted(size_t count, uint64_t now_ms) {
  if (count == 0) return Status::Ok();
  CountRead(count, now_ms);
  frames_.Received(count);
  return ReadFrames({}, now_ms);
}

Status Channel::Received(std::span<const uint8_t> bytes, uint64_t now_ms) {
  if (bytes.empty()) return Status::Ok();
  CountRead(bytes.size(), now_ms);
  return ReadFrames(bytes, now_ms);
}

void Channel::CountRead(size_t count, uint64_t now_ms) {
  ticker_.Read(now_ms);
  meter_->Add(MeterColumn::kBytesIn, count);
}

Status Channel::ReadFrames(std::span<const uint8_t> bytes, uint64_t now_ms) {
  for (;;) {
    Status status;
    switch (frames_.Next(&bytes)) {
      case FrameReader::Step::kTick:
        meter_->Add(MeterColumn::kTicksIn, 1);
        rate_.Count(now_ms);
        continue;
      case FrameReader::Step::kFrame:
        status = ReadBody(frames_.body(), nullptr);
        break;
      case FrameReader::Step::kLargeFrame: {
        OwnedBytes body = frames_.TakeLarge();
        status = ReadBody(body.span(), &body);
        break;
      }
      case FrameReader::Step::kNeedsMore:
        if (!reading()) ticker_.Pause();
        return Status::Ok();
      case FrameReader::Step::kError:
        return frames_.status();
    }
    if (!status.ok()) return status;
    rate_.Count(now_ms);
  }
}

// `large` is the memory of `body` if that is its own.
Status Channel::ReadBody(std::span<const uint8_t> body, OwnedBytes* large) {
  meter_->Add(MeterColumn::kFramesIn, 1);
  ControlIn in;
  if (Status status = tools_.reader->Read(body, &in, &atoms_); !status.ok()) return status;
  if (atoms_.exceeded()) {
    return {StatusCode::kTooLarge, "the peer has sent more than " + std::to_string(atoms_.count()) +
                                       " different atoms (maxAtoms)"};
  }
  RecordHead head{.kind = EventKind::kFrame, .channel = options_.id, .operation = in.operation};
  if (!in.known) {
    // JavaScript counts it. It is charged as what it takes, so that no peer can pile them up.
    head.charge = kRecordHeaderWords * sizeof(int32_t);
    tools_.events->Push(head, tools_.reader->tape(), {});
    Charge(head.charge);
    return Status::Ok();
  }
  if (!in.bad_payload.ok()) {
    PushBadPayload(body, in);
    return Status::Ok();
  }
  const std::span<const int32_t> ops = tools_.reader->tape();
  const uint64_t charge = kMessageBytes + tools_.reader->weight() + in.payload_end;
  head.charge = static_cast<uint32_t>(std::min<uint64_t>(charge, UINT32_MAX));
  head.has_payload = in.has_payload;
  head.payload_at = in.payload_at;
  if (large != nullptr) {
    if (in.payload_end < large->size()) large->Resize(in.payload_end);
    tools_.events->PushOwned(head, ops, std::move(*large));
  } else {
    tools_.events->Push(head, ops, body.first(in.payload_end));
  }
  tools_.reader->Trim();
  Charge(head.charge);
  return Status::Ok();
}

void Channel::PushBadPayload(std::span<const uint8_t> body, const ControlIn& in) {
  const std::string& message = in.bad_payload.message();
  const std::span<const uint8_t> control = body.first(in.control_end);
  std::vector<uint8_t> fields(control.begin(), control.end());
  fields.insert(fields.end(), message.begin(), message.end());

  const std::span<const int32_t> tape = tools_.reader->tape();
  std::vector<int32_t> ops(tape.begin(), tape.end() - 1);  // without its kStop
  ops.insert(ops.end(), {kBinary, static_cast<int32_t>(in.control_end),
                         static_cast<int32_t>(message.size()), kStop});

  const auto charge = static_cast<uint32_t>(ops.size() * sizeof(int32_t) + fields.size());
  tools_.events->Push({.kind = EventKind::kBadPayload,
                       .channel = options_.id,
                       .charge = charge,
                       .operation = in.operation},
                      ops, fields);
  Charge(charge);
}

uint64_t Channel::Limit() const {
  const uint64_t limit = options_.max_queued_bytes;
  const uint64_t beyond = std::max(limit, kLeastUrgentBytes);
  return urgent_ && limit <= UINT64_MAX - beyond ? limit + beyond : limit;
}

void Channel::Charge(uint64_t bytes) {
  outstanding_ += bytes;
  if (outstanding_ > Limit()) reading_ = false;
}

void Channel::Credit(uint64_t bytes, uint64_t now_ms) {
  outstanding_ -= std::min(bytes, outstanding_);
  // Not at once at the mark, or every message would start and stop the reading.
  if (outstanding_ <= Limit() / 2) Resume(now_ms);
}

void Channel::SetUrgent(bool urgent, uint64_t now_ms) {
  urgent_ = urgent;
  if (outstanding_ <= Limit()) {
    Resume(now_ms);
  } else if (reading_) {
    reading_ = false;
    ticker_.Pause();
  }
}

void Channel::Resume(uint64_t now_ms) {
  if (reading_) return;
  reading_ = true;
  if (reading()) ticker_.Resume(now_ms);
}

Status Channel::Send(const EncodeTape& tape, double cost, uint32_t ticket) {
  outbox_.Begin();
  Status status =
      WriteControl(tape, options_.flags, tools_.encoder, outbox_.buffer(), outbox_.splices());
  if (status.ok()) {
    status = outbox_.End(cost, ticket);
    CountUnwritten();
    return status;
  }
  outbox_.Abandon();
  Drop(ticket);
  return status;
}

void Channel::Written(size_t count, uint64_t now_ms) {
  if (count == 0) return;
  ticker_.Written(now_ms);
  outbox_.Written(count);
  meter_->Add(MeterColumn::kBytesOut, count);
  meter_->Set(MeterColumn::kFramesOut, outbox_.frames_written());
  CountUnwritten();
  if (outbox_.ticket_written() != ticket_told_) {
    ticket_told_ = outbox_.ticket_written();
    tools_.notices->Released(options_.id, ticket_told_);
  }
  if (!drains_.empty()) TellDrained();
}

void Channel::Drain(double below) {
  drains_.push_back(below);
  TellDrained();
}

void Channel::CountUnwritten() {
  meter_->Set(MeterColumn::kUnwritten, outbox_.unwritten());
}

void Channel::TellDrained() {
  const double unwritten = outbox_.cost_queued() - outbox_.cost_written();
  const size_t reached = std::erase_if(drains_, [&](double below) { return unwritten <= below; });
  for (size_t i = 0; i < reached; i++) {
    tools_.notices->Drained(options_.id, outbox_.cost_written());
  }
}

Ticker::Due Channel::Check(uint64_t now_ms) {
  if (rate_.Release(now_ms) && reading()) ticker_.Resume(now_ms);
  const Ticker::Due due = ticker_.Check(now_ms);
  // What already waits to be written marks us as alive just as well.
  if (due == Ticker::Due::kTick && outbox_.empty()) {
    outbox_.Tick();
    meter_->Add(MeterColumn::kTicksOut, 1);
    CountUnwritten();
  }
  return due;
}

uint64_t Channel::NextCheckMs(uint64_t now_ms) const {
  const uint64_t next = ticker_.NextCheckMs(now_ms);
  if (!rate_.held()) return next;
  const uint64_t release_at = rate_.ReleaseAtMs();
  return release_at > now_ms ? std::min(next, release_at - now_ms) : 1;
}

void Channel::End(const Status& why) {
  if (outbox_.ticket_queued() != ticket_told_) {
    tools_.notices->Released(options_.id, outbox_.ticket_queued());
  }
  tools_.notices->ChannelDown(options_.id, why, meter_->Read());
}

}  // namespace beamlink
