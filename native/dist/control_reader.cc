#include <string>

#include "dist/control.h"
#include "dist/event.h"
#include "etf/term_cursor.h"
#include "etf/term_skip.h"

namespace beamlink {
namespace {

constexpr size_t kKeptTapeWords = size_t{1} << 18;

bool IsAtomTag(uint8_t tag) {
  return tag == kTagSmallAtomUtf8 || tag == kTagAtomUtf8 || tag == kTagAtom || tag == kTagSmallAtom;
}

bool IsPidTag(uint8_t tag) {
  return tag == kTagNewPid || tag == kTagPid;
}

// Whether an integer of 64 bits without sign, and not 0, begins at `at`.
bool IsUnlinkId(std::span<const uint8_t> at) {
  constexpr size_t kBigHeader = 3;
  switch (at[0]) {
    case kTagSmallInteger:
      return at.size() > 1 && at[1] != 0;
    case kTagInteger:
      return at.size() > 4 && at[1] < 0x80 && (at[1] | at[2] | at[3] | at[4]) != 0;
    case kTagSmallBig:
      return at.size() > kBigHeader && at[1] >= 1 && at[1] <= 8 && at[2] == 0;
    default:
      return false;
  }
}

// Whether the term that begins at `at` can be of the kind; the decoder then proves the rest of it.
bool BeginsAs(FieldKind kind, std::span<const uint8_t> at) {
  const uint8_t tag = at[0];
  switch (kind) {
    case FieldKind::kPid:
      return IsPidTag(tag);
    case FieldKind::kPidOrName:
      return IsPidTag(tag) || IsAtomTag(tag);
    case FieldKind::kName:
      return IsAtomTag(tag);
    case FieldKind::kReference:
      return tag == kTagNewerReference || tag == kTagNewReference || tag == kTagReference;
    case FieldKind::kUnlinkId:
      return IsUnlinkId(at);
    case FieldKind::kSpawnFlags:
      return tag == kTagSmallInteger || tag == kTagInteger;
    case FieldKind::kFunction:
      return tag == kTagSmallTuple;
    case FieldKind::kOptions:
      return tag == kTagList || tag == kTagNil;
    case FieldKind::kReason:
    case FieldKind::kUnused:
    case FieldKind::kToken:
      return true;
  }
  return false;
}

const char* KindName(FieldKind kind) {
  switch (kind) {
    case FieldKind::kPid:
      return "a pid";
    case FieldKind::kPidOrName:
      return "a pid or a name";
    case FieldKind::kName:
      return "a name";
    case FieldKind::kReference:
      return "a reference";
    case FieldKind::kUnlinkId:
      return "an integer of 1 to 2^64-1";
    case FieldKind::kSpawnFlags:
      return "an integer";
    case FieldKind::kFunction:
      return "{Module, Function, Arity}";
    case FieldKind::kOptions:
      return "a list";
    case FieldKind::kReason:
    case FieldKind::kUnused:
    case FieldKind::kToken:
      break;
  }
  return "a term";
}

Status NotOfKind() {
  return {StatusCode::kMalformed, "another term"};
}

Status Skip(std::span<const uint8_t> body, uint32_t terms, size_t* index) {
  TermCursor cursor(body, *index);
  if (!SkipTerms(&cursor, terms)) return cursor.status();
  *index = cursor.index();
  return Status::Ok();
}

std::string FieldLabel(const ControlForm& form, size_t field) {
  // Before the fields of op 37 stand its flags.
  const size_t first = form.number == kAltactSigSend ? 2 : 1;
  return std::string(form.name) + " (" + std::to_string(form.number) + "): field " +
         std::to_string(field + first);
}

}  // namespace

Status ControlReader::Read(std::span<const uint8_t> body, ControlIn* in, AtomsMet* met) {
  *in = ControlIn{};
  tape_->Reset();
  tape_->Meet(met);
  if (body.empty() || body[0] != kEtfVersion) {
    return {StatusCode::kMalformed, "a frame's control tuple does not begin with 131"};
  }
  TermCursor cursor(body, 1);
  uint32_t arity = 0;
  if (!cursor.TupleHeader(&arity) || arity == 0 || !cursor.Integer(&in->operation)) {
    return {StatusCode::kMalformed, "a frame's control is not a tuple {Operation, …}"};
  }
  uint32_t fields = arity - 1;
  const ControlForm* form = FindControlForm(in->operation);
  if (in->operation == kAltactSigSend) {
    int32_t flags = 0;
    if (fields == 0 || !cursor.Integer(&flags)) {
      return {StatusCode::kMalformed, "ALTACT_SIG_SEND (37) without its flags"};
    }
    form = FindAltactForm(flags);
    fields--;
  }
  size_t index = cursor.index();
  if (form == nullptr) {
    tape_->Stop();
    return Skip(body, fields, &index);
  }
  if (fields != form->field_count) {
    return {StatusCode::kMalformed, std::string(form->name) + " (" + std::to_string(form->number) +
                                        ") with " + std::to_string(fields) +
                                        " fields in place of " + std::to_string(form->field_count)};
  }
  in->known = true;
  in->operation = form->public_number;
  if (Status status = ReadFields(*form, body, &index, in); !status.ok()) return status;
  in->control_end = index;
  if (form->has_payload) ReadPayload(body, index, in);
  return Status::Ok();
}

void ControlReader::Trim() {
  if (tape_->tape().size() > kKeptTapeWords) tape_.emplace(atoms_, max_depth_);
}

Status ControlReader::ReadFields(const ControlForm& form, std::span<const uint8_t> body,
                                 size_t* index, ControlIn* in) {
  for (size_t i = 0; i < form.field_count; i++) {
    const FieldKind kind = form.fields[i];
    if (kind == FieldKind::kReason) {
      // Always the last field: what JavaScript gets as the payload.
      tape_->Stop();
      in->has_payload = true;
      in->payload_at = *index;
    }
    if (Status status = ReadField(kind, body, index); !status.ok()) {
      return {status.code(),
              FieldLabel(form, i) + " must be " + KindName(kind) + ": " + status.message()};
    }
  }
  tape_->Stop();
  in->payload_end = *index;
  return Status::Ok();
}

Status ControlReader::ReadField(FieldKind kind, std::span<const uint8_t> body, size_t* index) {
  const std::span<const uint8_t> rest = body.subspan(*index);
  if (rest.empty()) return {StatusCode::kMalformed, "the frame ends before it"};
  if (!BeginsAs(kind, rest)) return NotOfKind();
  switch (kind) {
    case FieldKind::kUnused:
    case FieldKind::kToken:
      return Skip(body, 1, index);
    case FieldKind::kFunction:
      return ReadFunction(body, index);
    default:
      return tape_->Term(body, index);
  }
}

Status ControlReader::ReadFunction(std::span<const uint8_t> body, size_t* index) {
  TermCursor cursor(body, *index);
  uint32_t arity = 0;
  AtomRange atom;
  int32_t function_arity = 0;
  if (!cursor.TupleHeader(&arity) || arity != 3 || !cursor.Atom(&atom) || !cursor.Atom(&atom) ||
      !cursor.Integer(&function_arity) || function_arity < 0) {
    return NotOfKind();
  }
  return tape_->Term(body, index);
}

void ControlReader::ReadPayload(std::span<const uint8_t> body, size_t index, ControlIn* in) {
  if (index >= body.size() || body[index] != kEtfVersion) {
    in->bad_payload = {StatusCode::kMalformed, "no payload where one must begin with 131"};
    return;
  }
  in->payload_at = ++index;
  if (in->payload_at > kMaxPayloadOffset) {
    in->bad_payload = {StatusCode::kTooLarge, "a control tuple of more than 16 MiB"};
    return;
  }
  Status status = tape_->Term(body, &index);
  if (!status.ok()) {
    in->bad_payload =
        Status(status.code(), status.message() + " at byte " +
                                  std::to_string(index - in->payload_at) + " of the payload");
    return;
  }
  tape_->Stop();
  in->has_payload = true;
  in->payload_end = index;
}

}  // namespace beamlink
