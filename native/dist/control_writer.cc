#include <string>

#include <ei.h>

#include "dist/control.h"
#include "dist/flags.h"
#include "etf/tags.h"
#include "etf/term_cursor.h"

namespace beamlink {
namespace {

constexpr size_t kHeaderBound = 16;  // of ei_encode_tuple_header, _long, _atom of ''

// The forms that a peer without the flag understands. 0: none at all.
struct Downgrade {
  uint64_t needs;
  uint8_t number;
  uint8_t instead;
};

constexpr Downgrade kDowngrades[] = {
    {kFlagSendSender, 22, 2},   {kFlagExitPayload, 24, 3}, {kFlagExitPayload, 26, 8},
    {kFlagExitPayload, 28, 21}, {kFlagUnlinkId, 35, 4},    {kFlagUnlinkId, 36, 0},
};

int32_t NumberFor(int32_t number, uint64_t flags) {
  for (const Downgrade& downgrade : kDowngrades) {
    if (downgrade.number == number && (flags & downgrade.needs) == 0) return downgrade.instead;
  }
  return number;
}

Status Refused(const char* what) {
  return {StatusCode::kMalformed, what};
}

// Fields of the public form that the older one lacks: the first of SEND_SENDER and of UNLINK_ID.
size_t DroppedFields(int32_t number, int32_t written) {
  const bool drops = (number == 22 && written == 2) || (number == 35 && written == 4);
  return drops ? 1 : 0;
}

bool WriteTuple(int arity, int32_t number, EiBuffer* out) {
  out->Push(kEtfVersion);
  return out->Write(kHeaderBound, [&](char* buf, int* index) {
    return ei_encode_tuple_header(buf, index, arity);
  }) && out->Write(kHeaderBound, [&](char* buf, int* index) {
    return ei_encode_long(buf, index, number);
  });
}

// ALIAS_SEND goes with OTP 30: peers that know ALTACT_SIG_SEND get that in its place.
bool WriteHead(const ControlForm& form, uint64_t flags, EiBuffer* out) {
  if (form.number != 33 || (flags & kFlagAltactSig) == 0) {
    return WriteTuple(form.field_count + 1, form.number, out);
  }
  return WriteTuple(form.field_count + 2, kAltactSigSend, out) &&
         out->Write(kHeaderBound,
                    [](char* buf, int* index) { return ei_encode_long(buf, index, kAltactAlias); });
}

bool WriteUnused(EiBuffer* out) {
  return out->Write(kHeaderBound,
                    [](char* buf, int* index) { return ei_encode_atom(buf, index, ""); });
}

}  // namespace

Status WriteControl(const EncodeTape& tape, uint64_t flags, TapeEncoder* encoder, EiBuffer* out,
                    std::vector<Splice>* splices) {
  size_t at = tape.start;
  if (at > tape.ops.size() || tape.ops.size() - at < 2 || tape.ops[at] != kInt)
    return Refused("a frame's tape names no operation");
  const int32_t number = tape.ops[at + 1];
  at += 2;
  const int32_t written = NumberFor(number, flags);
  const ControlForm* form = FindControlForm(written);
  if (form == nullptr) {
    return {StatusCode::kUnsupported,
            "operation " + std::to_string(number) + " cannot be written for this peer"};
  }
  for (size_t i = DroppedFields(number, written); i > 0; i--) {
    const size_t start = out->size();
    if (Status status = encoder->Value(tape, &at, out, nullptr); !status.ok()) return status;
    out->Truncate(start);
  }
  if (!WriteHead(*form, flags, out)) return Refused("ei refused a control tuple's head");
  for (size_t i = 0; i < form->field_count; i++) {
    if (form->fields[i] == FieldKind::kUnused) {
      if (!WriteUnused(out)) return Refused("ei refused the atom ''");
      continue;
    }
    if (Status status = encoder->Value(tape, &at, out, splices); !status.ok()) return status;
  }
  if (!form->has_payload) return Status::Ok();
  out->Push(kEtfVersion);
  return encoder->Value(tape, &at, out, splices);
}

}  // namespace beamlink
