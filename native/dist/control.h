// Control tuples: the operations of the distribution protocol and their fields.
//
//   body    := 131 control rest
//   control := {Operation, Field, …}
//   rest    := 131 payload | (nothing)       bytes behind a whole payload are ignored
//
// JavaScript sees one form of each operation (lib/native/contract.ts, `Operation`). What arrives in
// another form (with a trace token, with the exit reason inside the tuple) is mapped to it; what
// leaves is written in the form that the peer's flags allow.
//   source: erts, "Distribution Protocol", Protocol between Connected Nodes; distribution.md 3
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "etf/ei_buffer.h"
#include "etf/tape_decoder.h"
#include "etf/tape_encoder.h"

namespace beamlink {

// A field of a control tuple, by what it may be. The first group crosses to JavaScript.
enum class FieldKind : uint8_t {
  kPid,
  kPidOrName,  // pid or atom
  kName,       // atom
  kReference,
  kUnlinkId,  // 1 … 2^64-1
  kSpawnFlags,
  kFunction,  // {Module, Function, Arity}
  kOptions,   // a list

  kReason,  // any term; the payload of the form that JavaScript sees
  kUnused,  // any term, '' when we write
  kToken,   // a sequential trace token
};

inline constexpr size_t kMaxControlFields = 6;

struct ControlForm {
  uint8_t number;
  uint8_t public_number;  // the form that JavaScript sees
  bool has_payload;       // behind the tuple
  const char* name;
  uint8_t field_count;
  FieldKind fields[kMaxControlFields];
};

// Null for a number that the table does not know.
const ControlForm* FindControlForm(int32_t number);

// ALTACT_SIG_SEND, {37, Flags, From, To [, Token]}: what is sent, and what To is, stands in the
// flags. Whether a signal has priority is of no interest here: no alias of ours gives any.
//   source: OTP 28, erts/emulator/beam/dist.h, ERTS_DOP_ALTACT_SIG_FLG_…
inline constexpr int32_t kAltactSigSend = 37;
enum AltactFlag : int32_t {
  kAltactPriority = 1,
  kAltactToken = 2,
  kAltactAlias = 4,
  kAltactName = 8,
  kAltactExit = 16,
};

// The fields behind the flags; null for flags that we do not know.
const ControlForm* FindAltactForm(int32_t flags);

// What stood in a body, beside the tape.
struct ControlIn {
  int32_t operation;   // the public number; one without a form when `known` is false
  bool known;          // false: a well-formed tuple of an operation that we do not know
  bool has_payload;    // a second tape follows the fields'
  size_t payload_at;   // where the payload's term begins in the body
  size_t payload_end;  // and ends
  size_t control_end;  // where the tuple ends
  Status bad_payload;  // not ok: the fields are on the tape, the payload is not
};

// Reads bodies. Reused for many: it keeps its memory.
//   thread: one
class ControlReader {
 public:
  // `atoms` outlives the reader.
  ControlReader(AtomTable* atoms, uint32_t max_depth)
      : atoms_(atoms), max_depth_(max_depth), tape_(std::in_place, atoms, max_depth) {}

  // Reads a body onto tape(): the fields' tape and, if there is one, the payload's.
  // `met`, if it is given, is told of the atoms.
  //   errors: kMalformed, kTooLarge, naming operation and field: the stream cannot be trusted
  Status Read(std::span<const uint8_t> body, ControlIn* in, AtomsMet* met = nullptr);
  std::span<const int32_t> tape() const { return tape_->tape(); }
  // The memory that what was read takes in JavaScript, roughly, without that of its bytes.
  size_t weight() const { return tape_->weight(); }
  // Gives back memory that a rare large tape has left. The tape is gone then.
  void Trim();

 private:
  Status ReadFields(const ControlForm& form, std::span<const uint8_t> body, size_t* index,
                    ControlIn* in);
  Status ReadField(FieldKind kind, std::span<const uint8_t> body, size_t* index);
  Status ReadFunction(std::span<const uint8_t> body, size_t* index);
  void ReadPayload(std::span<const uint8_t> body, size_t index, ControlIn* in);

  AtomTable* const atoms_;
  const uint32_t max_depth_;
  std::optional<TapeDecoder> tape_;
};

// Writes what JavaScript sends: `tape` holds the operation number as kInt, its fields and, where
// the operation has one, the payload. Appends `131 control [131 payload]` to `out`, in the form
// that `flags` (the negotiated ones) allow.
//   errors: those of TapeEncoder::Value; kUnsupported when the flags allow no form at all
Status WriteControl(const EncodeTape& tape, uint64_t flags, TapeEncoder* encoder, EiBuffer* out,
                    std::vector<Splice>* splices);

}  // namespace beamlink
