// What a node that calls us by its name is answered, given what we already have with it.
//   source: distribution.md section 2; OTP 25, kernel/src/dist_util.erl, mark_pending
#pragma once

#include <string_view>

namespace beamlink {

struct PeerSituation {
  bool channel_up;
  bool dialling;  // our own dial is under way
};

enum class Encounter {
  kOk,
  kOkSimultaneous,  // our dial gives way to theirs
  kNok,             // theirs gives way to ours
  kAlive,           // it may have lost the channel that we still hold: it decides
  kTurnAway,        // without an answer: it says our own name
};

inline Encounter AnswerTo(std::string_view our_name, std::string_view peer_name,
                          const PeerSituation& situation) {
  if (peer_name == our_name) return Encounter::kTurnAway;
  if (situation.channel_up) return Encounter::kAlive;
  if (!situation.dialling) return Encounter::kOk;
  // Bytes of UTF-8 compare as the characters do, and so as the atoms.
  return our_name > peer_name ? Encounter::kNok : Encounter::kOkSimultaneous;
}

}  // namespace beamlink
