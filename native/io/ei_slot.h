// The number under which ei knows a connection during its handshake.
//
// ei keeps a table of connections by descriptor, for the whole process, and fixes its length when
// it is initialised: by the limit of open files then, or at 1024. Descriptors can be above that.
// Since all that ei does with the number is to look things up, it gets one of ours.
#pragma once

namespace beamlink {

class EiSlot {
 public:
  // The lowest number that no other slot of the process has.
  EiSlot();
  EiSlot(const EiSlot&) = delete;
  EiSlot& operator=(const EiSlot&) = delete;
  ~EiSlot();

  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace beamlink
