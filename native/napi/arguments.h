// Reading the arguments of a native callback, for functions that are called per message: the
// plain C face of Node-API, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <node_api.h>

namespace beamlink {

// The first N arguments (undefined where fewer were given) and the callback's data pointer.
template <typename T, size_t N>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count_, values_.data(), nullptr, &data);
    owner_ = static_cast<T*>(data);
  }

  T* owner() const { return owner_; }
  // How many were given.
  size_t count() const { return count_; }
  napi_value operator[](size_t index) const { return values_[index]; }

  // Numbers of the wrong type read as 0: lib/native is the only caller and is type-checked.
  uint32_t Uint32(size_t index) const {
    uint32_t value = 0;
    napi_get_value_uint32(env_, values_[index], &value);
    return value;
  }
  double Double(size_t index) const {
    double value = 0;
    napi_get_value_double(env_, values_[index], &value);
    return value;
  }
  bool Bool(size_t index) const {
    bool value = false;
    napi_get_value_bool(env_, values_[index], &value);
    return value;
  }
  std::string Text(size_t index) const;

 private:
  napi_env env_;
  T* owner_ = nullptr;
  size_t count_ = N;
  std::array<napi_value, N> values_{};
};

// The UTF-8 text of a JavaScript string; empty for anything else.
std::string TextOf(napi_env env, napi_value value);

// The bytes of a Uint8Array (a Buffer is one). False for anything else.
// Valid until the next call into JavaScript, and beyond as long as the array is kept alive and its
// memory is not transferred. `shared` tells whether they are in a SharedArrayBuffer, where another
// thread may change them meanwhile.
bool BytesOf(napi_env env, napi_value value, std::span<const uint8_t>* bytes,
             bool* shared = nullptr);

// The bytes of each Uint8Array in an array; none when `array` is undefined. False when one is no
// Uint8Array.
bool BytesOfAll(napi_env env, napi_value array, std::vector<std::span<const uint8_t>>* all);

template <typename T, size_t N>
std::string Arguments<T, N>::Text(size_t index) const {
  return TextOf(env_, values_[index]);
}

}  // namespace beamlink
