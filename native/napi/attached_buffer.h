// An ArrayBuffer that JavaScript made and both sides use: tapes and event records cross in it
// without a call per value.
#pragma once

#include <cstdint>
#include <span>

#include <node_api.h>

namespace beamlink {

// Keeps the ArrayBuffer alive and knows its memory, which does not move (lib/native never transfers
// these buffers).
//   thread: JavaScript
class AttachedBuffer {
 public:
  AttachedBuffer() = default;
  AttachedBuffer(const AttachedBuffer&) = delete;
  AttachedBuffer& operator=(const AttachedBuffer&) = delete;
  // With the instance data of its environment, in whose finalizer references may be deleted.
  ~AttachedBuffer() { Drop(); }

  // Takes `value` in place of the one before. False when it is no ArrayBuffer.
  bool Attach(napi_env env, napi_value value);

  std::span<uint8_t> bytes() const { return bytes_; }
  std::span<int32_t> words() const {
    return {reinterpret_cast<int32_t*>(bytes_.data()), bytes_.size() / sizeof(int32_t)};
  }
  std::span<const double> doubles() const {
    return {reinterpret_cast<const double*>(bytes_.data()), bytes_.size() / sizeof(double)};
  }

 private:
  void Drop() {
    if (reference_ != nullptr) napi_delete_reference(env_, reference_);
  }

  napi_env env_ = nullptr;
  napi_ref reference_ = nullptr;
  std::span<uint8_t> bytes_;
};

}  // namespace beamlink
