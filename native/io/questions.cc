#include "io/questions.h"

#include <algorithm>
#include <utility>

#include "io/pending.h"

namespace beamlink {

void Questions::Ask(Greeting greeting) {
  if (waiting_.size() == kMaxPending) {
    const auto address_of = [](const Waiting& waiting) -> const std::string& {
      return waiting.greeting.address;
    };
    GiveUp(OldestOfMost(waiting_, address_of),
           {StatusCode::kRefused,
            "given up for newer ones: too many connections wait for the allow option"});
  }
  const uint32_t question = ++last_question_;
  auto late = std::make_unique<Timer>(loop_, [this, question] {
    GiveUp(Find(question),
           {StatusCode::kTimeout, "the allow option did not say in time whether it may connect"});
  });
  late->Start(greeting.deadline.RemainingMs());
  waiting_.push_back({question, std::move(greeting), std::move(late)});
  events_.asked(question, waiting_.back().greeting);
}

void Questions::Answer(uint32_t question, bool allowed) {
  const auto found = Find(question);
  if (found == waiting_.end()) return;
  std::list<Waiting> answered;
  answered.splice(answered.begin(), waiting_, found);
  if (allowed) events_.allowed(std::move(answered.front().greeting));
}

void Questions::GiveUp(std::list<Waiting>::const_iterator at, const Status& why) {
  // Its timer may be what calls: it goes last.
  std::list<Waiting> gone;
  gone.splice(gone.begin(), waiting_, at);
  events_.given_up(why, gone.front().greeting);
}

std::list<Questions::Waiting>::const_iterator Questions::Find(uint32_t question) const {
  return std::find_if(waiting_.begin(), waiting_.end(),
                      [question](const Waiting& waiting) { return waiting.question == question; });
}

}  // namespace beamlink
