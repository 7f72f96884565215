#include "napi/codec_face.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "napi/arguments.h"
#include "napi/define.h"
#include "napi/throw.h"

namespace beamlink {
namespace {

constexpr uint8_t kVersion = 131;

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

}  // namespace

bool CodecFace::Export(napi_env env, napi_value exports) {
  const std::pair<const char*, napi_callback> all[] = {
      {"defineAtom", DefineAtom}, {"atomName", AtomName}, {"decode", Decode},
      {"decodeEnd", DecodeEnd},   {"encode", Encode},
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

napi_value CodecFace::AtomName(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 2> given(env, info);
  CodecFace* self = given.owner();
  const AtomTable& table = given.Uint32(0) == 0 ? self->atoms_ : *self->event_atoms_;
  const std::string_view name = table.Name(given.Uint32(1));
  napi_value value = nullptr;
  napi_create_string_utf8(env, name.data(), name.size(), &value);
  return value;
}

TapeDecoder& CodecFace::DecoderFor(uint32_t max_depth) {
  if (!decoder_ || decoder_depth_ != max_depth) {
    decoder_.emplace(&atoms_, max_depth);
    decoder_depth_ = max_depth;
  }
  return *decoder_;
}

napi_value CodecFace::Decode(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 3> given(env, info);
  CodecFace* self = given.owner();
  std::span<const uint8_t> bytes;
  if (!BytesOf(env, given[0], &bytes)) return ThrowMisuse(env, "decode: bytes must be a Uint8Array");
  size_t index = given.Uint32(1);
  if (index >= bytes.size() || bytes[index] != kVersion) {
    return ThrowStatus(env, {StatusCode::kMalformed, "a term starts with the version byte 131"},
                       index);
  }
  index++;
  TapeDecoder& decoder = self->DecoderFor(given.Uint32(2));
  decoder.Reset();
  const Status status = decoder.Term(bytes, &index);
  if (!status.ok()) return ThrowStatus(env, status, index);
  decoder.Stop();
  self->decode_end_ = index;
  const std::span<const int32_t> tape = decoder.tape();
  const std::span<int32_t> to = self->buffers_->decode_ops.words();
  if (tape.size() > to.size()) return Number(env, -static_cast<double>(tape.size()));
  std::copy(tape.begin(), tape.end(), to.begin());
  return Number(env, static_cast<double>(tape.size()));
}

napi_value CodecFace::DecodeEnd(napi_env env, napi_callback_info info) {
  const Arguments<CodecFace, 0> given(env, info);
  return Number(env, static_cast<double>(given.owner()->decode_end_));
}

}  // namespace beamlink
