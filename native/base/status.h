// The outcome of what can fail in the core. Values, no exceptions.
#pragma once

#include <string>
#include <utility>

namespace beamlink {

enum class StatusCode {
  kOk,
  kMalformed,    // bytes that are no term, no frame, no handshake
  kUnsupported,  // well-formed, but not ours to handle
  kTooLarge,     // beyond a limit of size or depth
  kTimeout,
  kAuth,
  kNameInUse,
  kNameLength,
  kRefused,
  kNoConnection,
  kResources,  // the system gives no more descriptors, ports, threads or memory
  kClosed,
  kEncode,      // what was to be sent has no form on the wire
  kSuperseded,  // another connection to the same peer came first
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return {}; }

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

}  // namespace beamlink
