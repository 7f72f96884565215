// A reactor with one node on it, as JavaScript would drive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "event_reader.h"
#include "io/reactor.h"
#include "tape_maker.h"

namespace beamlink::test {

struct TestNodeOptions {
  std::string cookie = "secret";
  uint32_t creation = 0x1000;
  bool hidden = true;
  uint32_t tick_time_ms = 60000;
  uint32_t handshake_timeout_ms = 5000;
  uint32_t max_frame_bytes = 128 << 20;
  uint64_t max_queued_bytes = UINT64_MAX;
  bool ask_before_accept = false;
};

class TestNode {
 public:
  explicit TestNode(std::string name, const TestNodeOptions& options = {})
      : name_(std::move(name)),
        reactor_(std::make_unique<Reactor>(events_.queue(), &atoms_, &book_)),
        node_(reactor_->NextId()) {
    reactor_->Post(OpenNode{.node = node_,
                            .name = name_,
                            .cookie = options.cookie,
                            .creation = options.creation,
                            .hidden = options.hidden,
                            .tick_time_ms = options.tick_time_ms,
                            .handshake_timeout_ms = options.handshake_timeout_ms,
                            .max_frame_bytes = options.max_frame_bytes,
                            .max_depth = 100,
                            .max_queued_bytes = options.max_queued_bytes,
                            .ask_before_accept = options.ask_before_accept});
  }

  const std::string& name() const { return name_; }
  uint32_t node() const { return node_; }
  EventReader& events() { return events_; }
  const AtomTable& atoms() const { return atoms_; }

  uint32_t NextId() { return reactor_->NextId(); }
  void Post(Command command) { reactor_->Post(std::move(command)); }
  int StartDirectReads() {
    reactor_->StartDirectReads();
    return reactor_->DirectReadsFd();
  }
  bool ReadHere() { return reactor_->ReadHere(); }
  bool Measure(uint32_t channel, MeterReading* reading) {
    return reactor_->Measure(channel, reading);
  }
  void Send(SendFrames frames) { reactor_->Send(std::move(frames)); }
  // Ends the reactor; what it said last can still be read.
  void Stop() { reactor_.reset(); }

  // The port it listens on; 0 when that failed.
  uint16_t Listen(const std::string& address = "127.0.0.1", uint16_t port = 0) {
    Post(beamlink::Listen{node_, address, port});
    const auto event = events_.Next();
    return event && event->kind == EventKind::kListening
               ? static_cast<uint16_t>(event->IntAt(0).value_or(0))
               : 0;
  }

  // Returns the channel's id.
  uint32_t Dial(const std::string& peer, uint16_t port, uint32_t timeout_ms = 5000,
                const std::string& address = "127.0.0.1") {
    const uint32_t channel = reactor_->NextId();
    Post(beamlink::Dial{node_, channel, address, port, peer, timeout_ms});
    return channel;
  }

  // Sends a binary to `echo`.
  void Say(uint32_t channel, const std::string& text) { Post(Saying(channel, text)); }
  // The same, written here and now if that can be.
  void SayHere(uint32_t channel, const std::string& text) { Send(Saying(channel, text)); }

  // The channel of the next ChannelUp; 0 when none comes.
  uint32_t NextUp() {
    const auto up = events_.NextOf(EventKind::kChannelUp);
    return up ? up->channel : 0;
  }

 private:
  SendFrames Saying(uint32_t channel, const std::string& text) const {
    TapeMaker tape;
    tape.Int(6).Pid(name_, 1, 0, 0x1000).Atom("echo").Binary(text);
    return tape.Frame(channel);
  }

  const std::string name_;
  AtomTable atoms_;
  AtomBook book_;
  EventReader events_;
  std::unique_ptr<Reactor> reactor_;
  const uint32_t node_;
};

}  // namespace beamlink::test
