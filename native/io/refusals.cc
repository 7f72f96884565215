#include "io/refusals.h"

#include <utility>

namespace beamlink {
namespace {

constexpr uint64_t kPeriodMs = 1000;
constexpr uint32_t kMostTold = 100;

}  // namespace

Refusals::Refusals(uv_loop_t* loop, Notices* notices, uint32_t node)
    : notices_(notices), node_(node), period_(loop, [this] {
        in_period_ = false;
        TellUntold();
      }) {}

Refusals::~Refusals() {
  TellUntold();
}

void Refusals::Tell(const Status& why, const std::string& address, const std::string& peer) {
  if (!in_period_) {
    in_period_ = true;
    told_ = 0;
    period_.Start(kPeriodMs);
  }
  if (told_ == kMostTold) {
    untold_++;
    return;
  }
  told_++;
  notices_->Refused({.node = node_, .why = why, .address = address, .peer = peer, .count = 1});
}

void Refusals::TellUntold() {
  const uint32_t count = std::exchange(untold_, 0);
  if (count == 0) return;
  notices_->Refused(
      {.node = node_,
       .why = {StatusCode::kRefused,
               std::to_string(count) + " more in the last second, not told one by one"},
       .address = {},
       .peer = {},
       .count = count});
}

}  // namespace beamlink
