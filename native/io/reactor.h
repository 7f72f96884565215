// The thread that owns all sockets of one Node environment.
#pragma once

#include <memory>

#include "dist/event.h"
#include "dist/meter.h"
#include "etf/atoms.h"
#include "io/command.h"

namespace beamlink {

// Commands go down through Post, events come up through the EventQueue; nothing else crosses.
class Reactor {
 public:
  // Starts the thread, or says in status() why not: nothing else is to be called then. All three
  // outlive the reactor; `atoms` is written by whoever has the turn.
  Reactor(EventQueue* events, AtomTable* atoms, const AtomBook* book);
  // Closes every socket and joins every thread: within a second, whatever peers do.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  const Status& status() const;

  // thread: any. Commands of one thread are carried out in order.
  void Post(Command command);
  // As Post. A few small frames are written here and now if the thread sleeps, since to wake it
  // takes longer than that.
  //   thread: JavaScript's, which posts everything else, too
  void Send(SendFrames frames);
  // Readable when there is something to be read by ReadHere; -1 where that cannot be.
  int DirectReadsFd() const;
  // From now on there is. To be called once, by who will call ReadHere and watches the descriptor
  // already: what is put there nobody else reads.   thread: JavaScript's
  void StartDirectReads();
  // Reads from the channels that JavaScript's thread is to read (direct_reads.h). True when there
  // are events that JavaScript has to be told of now: nobody else will.   thread: JavaScript's
  bool ReadHere();
  // An id for a node or channel, never given twice. thread: any
  uint32_t NextId();
  // What a channel has counted so far; false if it is not up. Waits for nobody. thread: any
  bool Measure(uint32_t channel, MeterReading* reading);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beamlink
