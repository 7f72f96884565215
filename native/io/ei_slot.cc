#include "io/ei_slot.h"

#include <algorithm>
#include <vector>

#include "base/mutex.h"
#include "base/thread_annotations.h"

namespace beamlink {
namespace {

// One for the process, as ei's own table is.
struct Slots {
  Mutex mu;
  std::vector<bool> taken GUARDED_BY(mu);
};

// Never destroyed: threads still shake hands while the handlers of exit() run.
Slots& AllSlots() {
  static Slots& slots = *new Slots;
  return slots;
}

}  // namespace

EiSlot::EiSlot() {
  Slots& slots = AllSlots();
  const MutexLock lock(slots.mu);
  const auto free = std::find(slots.taken.begin(), slots.taken.end(), false);
  number_ = static_cast<int>(free - slots.taken.begin());
  if (free == slots.taken.end()) {
    slots.taken.push_back(true);
  } else {
    *free = true;
  }
}

EiSlot::~EiSlot() {
  Slots& slots = AllSlots();
  const MutexLock lock(slots.mu);
  slots.taken[static_cast<size_t>(number_)] = false;
}

}  // namespace beamlink
