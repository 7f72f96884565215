// The synchronous codec for JavaScript: decode, encode and the names of atoms.
#pragma once

#include <cstdint>

#include <node_api.h>

#include "etf/atoms.h"
#include "etf/tape_decoder.h"
#include "etf/tape_encoder.h"
#include "napi/buffers.h"

namespace beamlink {

//   thread: JavaScript
class CodecFace {
 public:
  // All outlive the face. `event_atoms` is the table of the reactor's decoder, of which names are
  // asked here too.
  CodecFace(Buffers* buffers, AtomBook* book, const AtomTable* event_atoms)
      : buffers_(buffers), book_(book), event_atoms_(event_atoms), encoder_(book) {}
  CodecFace(const CodecFace&) = delete;
  CodecFace& operator=(const CodecFace&) = delete;
  ~CodecFace() = default;

  bool Export(napi_env env, napi_value exports);

 private:
  static napi_value DefineAtom(napi_env env, napi_callback_info info);
  static napi_value DefineKey(napi_env env, napi_callback_info info);
  static napi_value AtomName(napi_env env, napi_callback_info info);
  static napi_value RenewAtoms(napi_env env, napi_callback_info info);
  static napi_value Decode(napi_env env, napi_callback_info info);
  static napi_value Encode(napi_env env, napi_callback_info info);
  static napi_value IsTerm(napi_env env, napi_callback_info info);

  // As deep as the tape writer goes.
  static constexpr uint32_t kMaxDepth = 10'000;

  Buffers* const buffers_;
  AtomBook* const book_;
  const AtomTable* const event_atoms_;
  AtomTable atoms_;
  TapeEncoder encoder_;
  TapeDecoder decoder_{&atoms_, kMaxDepth};
};

}  // namespace beamlink
