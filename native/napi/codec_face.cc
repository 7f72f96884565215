#include "napi/codec_face.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "etf/ei_buffer.h"
#include "etf/term_skip.h"
#include "napi/arguments.h"
#include "napi/define.h"
#include "napi/throw.h"

namespace beamlink {
namespace {

constexpr uint8_t kVersion = 131;
// What Decode returns for shared memory: no tape is without words.
constexpr int64_t kIsShared = 0;

napi_value Number(napi_env env, int64_t number) {
  napi_value value = nullptr;
  const auto small = static_cast<int32_t>(number);
  // Quicker than the call that takes any.
  if (small == number) {
    napi_create_int32(env, small, &value);
  } else {
    napi_create_int64(env, number, &value);
  }
  return value;
}

}  // namespace

bool CodecFace::Export(napi_env env, napi_value exports) {
  const std::pair<const char*, napi_callback> all[] = {
      {"defineAtom", DefineAtom}, {"defineKey", DefineKey}, {"atomName", AtomName},
      {"renewAtoms", RenewAtoms}, {"decode", Decode},       {"encode", Encode},
      {"isTerm", IsTerm},
  };
  for (const auto& [name, callback] : all) {
    if (!DefineFunction(env, exports, name, callback, this)) return false;
  }
  return true;
}

napi_value CodecFace::DefineAtom(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 2> given(env, info);
  if (!given.owner()->book_->Define(given.Uint32(0), given.Text(1))) {
    return ThrowMisuse(env, "defineAtom: the id is taken or the name is no atom");
  }
  return nullptr;
}

napi_value CodecFace::DefineKey(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 2> given(env, info);
  if (!given.owner()->book_->DefineKey(given.Uint32(0), given.Text(1))) {
    return ThrowMisuse(env, "defineKey: the id is taken");
  }
  return nullptr;
}

napi_value CodecFace::AtomName(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 3> given(env, info);
  CodecFace* self = given.owner();
  const AtomTable& table = given.Uint32(0) == 0 ? self->atoms_ : *self->event_atoms_;
  const std::string_view name = table.Name(given.Uint32(1), given.Uint32(2));
  napi_value value = nullptr;
  napi_create_string_utf8(env, name.data(), name.size(), &value);
  return value;
}

napi_value CodecFace::RenewAtoms(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 0> given(env, info);
  given.owner()->atoms_.Renew();
  return nullptr;
}

napi_value CodecFace::Decode(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 1> given(env, info);
  CodecFace* self = given.owner();
  std::span<const uint8_t> bytes;
  bool shared = false;
  if (!BytesOf(env, given[0], &bytes, &shared))
    return ThrowMisuse(env, "decode: bytes must be a Uint8Array");
  if (shared) return Number(env, kIsShared);
  if (bytes.empty() || bytes[0] != kVersion) {
    return ThrowStatus(env, "DECODE",
                       {StatusCode::kMalformed, "a term starts with the version byte 131"}, 0);
  }
  size_t index = 1;
  TapeDecoder& decoder = self->decoder_;
  const std::span<int32_t> to = self->buffers_->decode_ops.words();
  decoder.ResetInto(to);
  const Status status = decoder.Term(bytes, &index);
  if (!status.ok()) return ThrowStatus(env, "DECODE", status, index);
  decoder.Stop();
  const std::span<const int32_t> tape = decoder.tape();
  if (tape.size() > to.size()) return Number(env, -static_cast<int64_t>(tape.size()));
  // The decoder reserves upper bounds, so it may have moved out of a block that is large enough.
  if (tape.data() != to.data()) std::copy(tape.begin(), tape.end(), to.begin());
  return Number(env, static_cast<int64_t>(tape.size()));
}

napi_value CodecFace::Encode(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 3> given(env, info);
  CodecFace* self = given.owner();
  const std::span<int32_t> ops = self->buffers_->encode_ops.words();
  const std::span<uint8_t> output = self->buffers_->output.bytes();
  const size_t words = given.Uint32(0);
  const size_t start = given.Uint32(1);
  if (words > ops.size() || start > output.size()) {
    return ThrowMisuse(env, "encode: beyond the attached buffers");
  }
  std::vector<std::span<const uint8_t>> shared;
  if (given.count() > 2 && !BytesOfAll(env, given[2], &shared)) {
    return ThrowMisuse(env, "encode: shared must be Uint8Arrays");
  }
  const EncodeTape tape{
      .ops = ops.first(words), .text = self->buffers_->encode_text.bytes(), .shared = shared};
  const std::span<uint8_t> room = output.subspan(start);
  EiBuffer out(room);
  out.Push(kVersion);
  size_t at = 0;
  const Status status = self->encoder_.Value(tape, &at, &out, nullptr);
  if (!status.ok()) return ThrowStatus(env, "ENCODE", status, at);
  if (out.size() > room.size()) return Number(env, -static_cast<int64_t>(out.size()));
  // The encoder reserves upper bounds, so it may have moved out of a block that is large enough.
  if (!out.InBlock()) std::memcpy(room.data(), out.data(), out.size());
  return Number(env, static_cast<int64_t>(start + out.size()));
}

napi_value CodecFace::IsTerm(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 2> given(env, info);
  std::span<const uint8_t> bytes;
  if (!BytesOf(env, given[0], &bytes))
    return ThrowMisuse(env, "isTerm: bytes must be a Uint8Array");
  napi_value value = nullptr;
  napi_get_boolean(env, IsOneTerm(bytes, given.Bool(1)), &value);
  return value;
}

}  // namespace beamlink
