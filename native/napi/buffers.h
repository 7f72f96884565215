// The eight buffers in which tapes, bytes and records cross (NativeBuffers of
// lib/native/contract.ts).
#pragma once

#include "napi/attached_buffer.h"

namespace beamlink {

struct Buffers {
  AttachedBuffer encode_ops;
  AttachedBuffer encode_text;
  AttachedBuffer decode_ops;
  AttachedBuffer output;
  AttachedBuffer events;
  AttachedBuffer frame_ops;
  AttachedBuffer frame_text;
  AttachedBuffer frame_table;

  // Takes those that `given` has as properties. False with an exception pending when one is no
  // ArrayBuffer.
  bool Attach(napi_env env, napi_value given);
};

}  // namespace beamlink
