// The tags of the external term format. Source: erts, "External Term Format".
#pragma once

#include <cstdint>

namespace beamlink {

inline constexpr uint8_t kEtfVersion = 131;
inline constexpr int32_t kMaxAtomCharacters = 255;
inline constexpr uint32_t kMaxAtomBytes = kMaxAtomCharacters * 4;
inline constexpr uint32_t kMaxRefWords = 5;

enum EtfTag : uint8_t {
  kTagNewFloat = 70,
  kTagBitBinary = 77,
  kTagCompressed = 80,
  kTagAtomCacheRef = 82,
  kTagNewPid = 88,
  kTagNewPort = 89,
  kTagNewerReference = 90,
  kTagSmallInteger = 97,
  kTagInteger = 98,
  kTagFloat = 99,
  kTagAtom = 100,
  kTagReference = 101,
  kTagPort = 102,
  kTagPid = 103,
  kTagSmallTuple = 104,
  kTagLargeTuple = 105,
  kTagNil = 106,
  kTagString = 107,
  kTagList = 108,
  kTagBinary = 109,
  kTagSmallBig = 110,
  kTagLargeBig = 111,
  kTagNewFun = 112,
  kTagExport = 113,
  kTagNewReference = 114,
  kTagSmallAtom = 115,
  kTagMap = 116,
  kTagFun = 117,
  kTagAtomUtf8 = 118,
  kTagSmallAtomUtf8 = 119,
  kTagV4Port = 120,
  kTagLocal = 121,
};

}  // namespace beamlink
