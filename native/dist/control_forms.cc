#include <iterator>

#include "dist/control.h"

namespace beamlink {
namespace {

// Not `using enum`: the package is built with g++ 10, which does not know it.
constexpr FieldKind kPid = FieldKind::kPid;
constexpr FieldKind kPidOrName = FieldKind::kPidOrName;
constexpr FieldKind kName = FieldKind::kName;
constexpr FieldKind kReference = FieldKind::kReference;
constexpr FieldKind kUnlinkId = FieldKind::kUnlinkId;
constexpr FieldKind kSpawnFlags = FieldKind::kSpawnFlags;
constexpr FieldKind kFunction = FieldKind::kFunction;
constexpr FieldKind kOptions = FieldKind::kOptions;
constexpr FieldKind kReason = FieldKind::kReason;
constexpr FieldKind kUnused = FieldKind::kUnused;
constexpr FieldKind kToken = FieldKind::kToken;

constexpr ControlForm kForms[] = {
    {1, 1, false, "LINK", 2, {kPid, kPid}},
    {2, 2, true, "SEND", 2, {kUnused, kPid}},
    {3, 24, false, "EXIT", 3, {kPid, kPid, kReason}},
    {4, 4, false, "UNLINK", 2, {kPid, kPid}},
    {6, 6, true, "REG_SEND", 3, {kPid, kUnused, kName}},
    {7, 7, false, "GROUP_LEADER", 2, {kPid, kPid}},
    {8, 26, false, "EXIT2", 3, {kPid, kPid, kReason}},
    {12, 2, true, "SEND_TT", 3, {kUnused, kPid, kToken}},
    {13, 24, false, "EXIT_TT", 4, {kPid, kPid, kToken, kReason}},
    {16, 6, true, "REG_SEND_TT", 4, {kPid, kUnused, kName, kToken}},
    {18, 26, false, "EXIT2_TT", 4, {kPid, kPid, kToken, kReason}},
    {19, 19, false, "MONITOR_P", 3, {kPid, kPidOrName, kReference}},
    {20, 20, false, "DEMONITOR_P", 3, {kPid, kPidOrName, kReference}},
    {21, 28, false, "MONITOR_P_EXIT", 4, {kPidOrName, kPid, kReference, kReason}},
    {22, 22, true, "SEND_SENDER", 2, {kPid, kPid}},
    {23, 22, true, "SEND_SENDER_TT", 3, {kPid, kPid, kToken}},
    {24, 24, true, "PAYLOAD_EXIT", 2, {kPid, kPid}},
    {25, 24, true, "PAYLOAD_EXIT_TT", 3, {kPid, kPid, kToken}},
    {26, 26, true, "PAYLOAD_EXIT2", 2, {kPid, kPid}},
    {27, 26, true, "PAYLOAD_EXIT2_TT", 3, {kPid, kPid, kToken}},
    {28, 28, true, "PAYLOAD_MONITOR_P_EXIT", 3, {kPidOrName, kPid, kReference}},
    {29, 29, true, "SPAWN_REQUEST", 5, {kReference, kPid, kPid, kFunction, kOptions}},
    {30, 29, true, "SPAWN_REQUEST_TT", 6, {kReference, kPid, kPid, kFunction, kOptions, kToken}},
    {31, 31, false, "SPAWN_REPLY", 4, {kReference, kPid, kSpawnFlags, kPidOrName}},
    {32, 31, false, "SPAWN_REPLY_TT", 5, {kReference, kPid, kSpawnFlags, kPidOrName, kToken}},
    {33, 33, true, "ALIAS_SEND", 2, {kPid, kReference}},
    {34, 33, true, "ALIAS_SEND_TT", 3, {kPid, kReference, kToken}},
    {35, 35, false, "UNLINK_ID", 3, {kUnlinkId, kPid, kPid}},
    {36, 36, false, "UNLINK_ID_ACK", 3, {kUnlinkId, kPid, kPid}},
};

// Of op 37, without and with a token.
constexpr ControlForm kAltactForms[][2] = {
    {{37, 22, true, "ALTACT_SIG_SEND", 2, {kPid, kPid}},
     {37, 22, true, "ALTACT_SIG_SEND", 3, {kPid, kPid, kToken}}},
    {{37, 33, true, "ALTACT_SIG_SEND", 2, {kPid, kReference}},
     {37, 33, true, "ALTACT_SIG_SEND", 3, {kPid, kReference, kToken}}},
    {{37, 6, true, "ALTACT_SIG_SEND", 2, {kPid, kName}},
     {37, 6, true, "ALTACT_SIG_SEND", 3, {kPid, kName, kToken}}},
    {{37, 26, true, "ALTACT_SIG_SEND", 2, {kPid, kPid}},
     {37, 26, true, "ALTACT_SIG_SEND", 3, {kPid, kPid, kToken}}},
};

constexpr int32_t kLastNumber = 36;

struct FormIndex {
  const ControlForm* by_number[kLastNumber + 1] = {};

  constexpr FormIndex() {
    for (const ControlForm& form : kForms)
      by_number[form.number] = &form;
  }
};

constexpr FormIndex kIndex;

}  // namespace

const ControlForm* FindControlForm(int32_t number) {
  return number >= 0 && number <= kLastNumber ? kIndex.by_number[number] : nullptr;
}

const ControlForm* FindAltactForm(int32_t flags) {
  const size_t token = (flags & kAltactToken) != 0 ? 1 : 0;
  switch (flags & ~(kAltactPriority | kAltactToken)) {
    case 0:
      return &kAltactForms[0][token];
    case kAltactAlias:
      return &kAltactForms[1][token];
    case kAltactName:
      return &kAltactForms[2][token];
    case kAltactExit:
      return &kAltactForms[3][token];
    default:
      // An exit to an alias among them: only aliases with priority take it, and ours have none.
      return nullptr;
  }
}

}  // namespace beamlink
