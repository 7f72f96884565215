// The events that are no frames: what became of channels, dials and listeners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "dist/event.h"
#include "dist/meter.h"
#include "etf/tape_decoder.h"

namespace beamlink {

// The name by which lib/native/contract.ts knows a reason (`NativeReason`).
std::string_view ReasonName(StatusCode code);

struct ChannelUpNotice {
  uint32_t channel;
  uint32_t node;
  std::string_view peer;
  uint64_t flags;
  uint32_t creation;
  bool incoming;
  std::string_view address;  // the peer's, numeric
  uint64_t handshake_us;     // how long it took to connect, if we dialled, and to shake hands
};

struct RefusedNotice {
  uint32_t node;
  Status why;
  std::string_view address;
  std::string_view peer;  // empty if it did not get as far as telling its name
  uint32_t count;         // more than 1: so many that are not told one by one, of any address
};

struct AskedNotice {
  uint32_t node;
  uint32_t question;
  std::string_view peer;  // the name that it gives itself
  std::string_view address;
  uint32_t caller;  // JavaScript's number for what it has brought itself, else 0
};

// Writes them to a queue. The values on each kind's tape: lib/native/contract.ts, `EventKind`.
//   thread: the reactor
class Notices {
 public:
  // Both outlive it.
  Notices(EventQueue* events, AtomTable* atoms) : events_(events), tape_(atoms, 1) {}

  void ChannelUp(const ChannelUpNotice& up);
  void ChannelDown(uint32_t channel, const Status& why, const MeterReading& counts);
  void DialFailed(uint32_t channel, const Status& why);
  void Drained(uint32_t channel, double cost_written);
  void Released(uint32_t channel, uint32_t ticket);
  void Listening(uint32_t node, uint16_t port);
  void ListenFailed(uint32_t node, const Status& why);
  void Refused(const RefusedNotice& refused);
  void AtomsRenewed();
  void Asked(const AskedNotice& asked);

 private:
  void Text(std::string_view text);
  void Why(const Status& why);
  void Push(EventKind kind, uint32_t channel);

  EventQueue* const events_;
  TapeDecoder tape_;
  std::string body_;
};

}  // namespace beamlink
