// The meters of all channels that are up, for whoever asks from another thread than the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "base/thread_annotations.h"
#include "dist/meter.h"

namespace beamlink {

// The lock is taken when a channel comes or goes, and when somebody asks; never to count.
//   thread: any
class Meters {
 public:
  void Add(uint32_t channel, std::shared_ptr<const Meter> meter) {
    const MutexLock lock(mu_);
    meters_.insert_or_assign(channel, std::move(meter));
  }

  void Remove(uint32_t channel) {
    const MutexLock lock(mu_);
    meters_.erase(channel);
  }

  // False if the channel is not up.
  bool Read(uint32_t channel, MeterReading* reading) {
    const MutexLock lock(mu_);
    const auto found = meters_.find(channel);
    if (found == meters_.end()) return false;
    *reading = found->second->Read();
    return true;
  }

 private:
  Mutex mu_;
  std::unordered_map<uint32_t, std::shared_ptr<const Meter>> meters_ GUARDED_BY(mu_);
};

}  // namespace beamlink
