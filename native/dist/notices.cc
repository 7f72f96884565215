#include "dist/notices.h"

namespace beamlink {

std::string_view ReasonName(StatusCode code) {
  switch (code) {
    case StatusCode::kTimeout:
      return "TIMEOUT";
    case StatusCode::kAuth:
      return "AUTH";
    case StatusCode::kNameInUse:
      return "NAME_IN_USE";
    case StatusCode::kNameLength:
      return "NAME_LENGTH";
    case StatusCode::kRefused:
      return "REFUSED";
    case StatusCode::kNoConnection:
      return "NOCONNECTION";
    case StatusCode::kResources:
      return "RESOURCES";
    case StatusCode::kEncode:
      return "ENCODE";
    case StatusCode::kSuperseded:
      return "SUPERSEDED";
    case StatusCode::kOk:
    case StatusCode::kClosed:
      return "CLOSED";
    case StatusCode::kTooLarge:
      return "LIMIT";
    case StatusCode::kMalformed:
    case StatusCode::kUnsupported:
      break;
  }
  return "PROTOCOL";
}

void Notices::ChannelUp(const ChannelUpNotice& up) {
  tape_.Int(up.node);
  tape_.Atom(up.peer, body_.size());
  body_.append(up.peer);
  tape_.Int(static_cast<int64_t>(up.flags));
  tape_.Int(up.creation);
  tape_.Int(up.incoming ? 1 : 0);
  Text(up.address);
  tape_.Int(static_cast<int64_t>(up.handshake_us));
  Push(EventKind::kChannelUp, up.channel);
}

void Notices::ChannelDown(uint32_t channel, const Status& why, const MeterReading& counts) {
  Why(why);
  for (const uint64_t count : counts)
    tape_.Int(static_cast<int64_t>(count));
  Push(EventKind::kChannelDown, channel);
}

void Notices::DialFailed(uint32_t channel, const Status& why) {
  Why(why);
  Push(EventKind::kDialFailed, channel);
}

void Notices::Drained(uint32_t channel, double cost_written) {
  tape_.Int(static_cast<int64_t>(cost_written));
  Push(EventKind::kDrained, channel);
}

void Notices::Released(uint32_t channel, uint32_t ticket) {
  tape_.Int(ticket);
  Push(EventKind::kReleased, channel);
}

void Notices::Listening(uint32_t node, uint16_t port) {
  tape_.Int(port);
  Push(EventKind::kListening, node);
}

void Notices::ListenFailed(uint32_t node, const Status& why) {
  Why(why);
  Push(EventKind::kListenFailed, node);
}

void Notices::Refused(const RefusedNotice& refused) {
  Why(refused.why);
  Text(refused.address);
  Text(refused.peer);
  tape_.Int(refused.count);
  Push(EventKind::kRefused, refused.node);
}

void Notices::AtomsRenewed() {
  Push(EventKind::kAtomsRenewed, 0);
}

void Notices::Asked(const AskedNotice& asked) {
  tape_.Int(asked.question);
  Text(asked.peer);
  Text(asked.address);
  tape_.Int(asked.caller);
  Push(EventKind::kAsked, asked.node);
}

void Notices::Text(std::string_view text) {
  tape_.Binary(body_.size(), text.size());
  body_.append(text);
}

void Notices::Why(const Status& why) {
  Text(ReasonName(why.code()));
  Text(why.message());
}

void Notices::Push(EventKind kind, uint32_t channel) {
  tape_.Stop();
  events_->Push({.kind = kind, .channel = channel}, tape_.tape(),
                {reinterpret_cast<const uint8_t*>(body_.data()), body_.size()});
  tape_.Reset();
  body_.clear();
}

}  // namespace beamlink
