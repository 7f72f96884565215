// Capability flags of the handshake. Source: erts, "Distribution Protocol", Distribution Flags.
#pragma once

#include <cstdint>

namespace beamlink {

enum DistFlag : uint64_t {
  kFlagPublished = 0x1,
  kFlagExtendedReferences = 0x4,
  kFlagDistMonitor = 0x8,
  kFlagFunTags = 0x10,
  kFlagDistMonitorName = 0x20,
  kFlagNewFunTags = 0x80,
  kFlagExtendedPidsPorts = 0x100,
  kFlagExportPtrTag = 0x200,
  kFlagBitBinaries = 0x400,
  kFlagNewFloats = 0x800,
  kFlagUnicodeIo = 0x1000,
  kFlagUtf8Atoms = 0x10000,
  kFlagMapTag = 0x20000,
  kFlagBigCreation = 0x40000,
  kFlagSendSender = 0x80000,
  kFlagBigSeqtraceLabels = 0x100000,
  kFlagExitPayload = 0x400000,
  kFlagHandshake23 = 0x1000000,
  kFlagUnlinkId = 0x2000000,
  kFlagMandatory25Digest = 0x4000000,
  kFlagSpawn = uint64_t{1} << 32,
  kFlagNameMe = uint64_t{2} << 32,
  kFlagV4Nc = uint64_t{4} << 32,
  kFlagAlias = uint64_t{8} << 32,
  kFlagAltactSig = uint64_t{0x20} << 32,  // OTP 28
};

// What MANDATORY_25_DIGEST stands for: a peer that sends it may leave these out.
inline constexpr uint64_t kMandatory25Flags =
    kFlagExtendedReferences | kFlagFunTags | kFlagExtendedPidsPorts | kFlagUtf8Atoms |
    kFlagNewFunTags | kFlagBigCreation | kFlagNewFloats | kFlagMapTag | kFlagExportPtrTag |
    kFlagBitBinaries | kFlagHandshake23;

// What we implement beyond the flags that ei writes itself. A bit stands here only when
// dist/control knows its operations and JavaScript answers them.
inline constexpr uint64_t kFlagsBeyondEi = kFlagDistMonitorName | kFlagSendSender |
                                           kFlagBigSeqtraceLabels | kFlagExitPayload | kFlagSpawn |
                                           kFlagAlias | kFlagUnicodeIo | kFlagAltactSig;

// Flags as a peer wrote them, with those that it left out because they are implied.
inline constexpr uint64_t ImpliedFlags(uint64_t flags) {
  return (flags & kFlagMandatory25Digest) != 0 ? flags | kMandatory25Flags : flags;
}

}  // namespace beamlink
