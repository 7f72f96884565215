#include "etf/atoms.h"

#include <cstring>
#include <random>

#include <ei.h>

#include "etf/atom_writer.h"
#include "etf/ei_bounds.h"
#include "etf/ei_buffer.h"

namespace beamlink {
namespace {

constexpr size_t kFirstEntries = 256;  // a power of two

uint64_t RandomSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

AtomTable::AtomTable() : seed_(RandomSeed()), entries_(kFirstEntries) {}

size_t AtomTable::EntryOf(std::string_view utf8) const {
  const size_t mask = entries_.size() - 1;
  size_t at = HashOf(utf8) & mask;
  for (;;) {
    const Entry& entry = entries_[at];
    if (entry.id < 0 || std::string_view(entry.text, entry.length) == utf8) return at;
    at = (at + 1) & mask;
  }
}

int32_t AtomTable::Intern(std::string_view utf8) {
  size_t at = EntryOf(utf8);
  if (entries_[at].id >= 0 || size_ == kMaxTableAtoms || utf8.size() > kMaxTableAtomBytes) {
    return entries_[at].id;
  }
  if ((size_t{size_} + 1) * 2 > entries_.size()) {
    Grow();
    at = EntryOf(utf8);
  }
  std::string& name = names_[generation_ % 2].Slot(size_);
  name = utf8;
  entries_[at] = {name.data(), static_cast<uint32_t>(name.size()), static_cast<int32_t>(size_)};
  size_++;
  return entries_[at].id;
}

void AtomTable::Grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.id >= 0) entries_[EntryOf({entry.text, entry.length})] = entry;
  }
}

std::string_view AtomTable::Name(uint32_t id, uint32_t generation) const {
  const std::string* name = names_[generation % 2].Find(id);
  return name == nullptr ? std::string_view() : *name;
}

void AtomTable::Renew() {
  generation_++;
  names_[generation_ % 2].Clear();
  std::vector<Entry>(kFirstEntries).swap(entries_);
  size_ = 0;
}

bool AtomBook::Define(uint32_t id, std::string_view utf8) {
  if (id >= kMaxTableAtoms) return false;
  std::string& slot = atoms_.Slot(id);
  if (!slot.empty()) return false;
  EiBuffer encoded;
  if (!WriteAtom(utf8, &encoded)) return false;
  slot.assign(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  return true;
}

bool AtomBook::DefineKey(uint32_t id, std::string_view text) {
  if (id >= kMaxTableAtoms || text.size() > kMaxEiBytes) return false;
  std::string& slot = keys_.Slot(id);
  if (!slot.empty()) return false;
  EiBuffer encoded;
  if (!encoded.Write(kBinaryHeader + text.size(), [text](char* buf, int* index) {
        const void* from = text.empty() ? buf : static_cast<const void*>(text.data());
        return ei_encode_binary(buf, index, from, static_cast<long>(text.size()));
      })) {
    return false;
  }
  slot.assign(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  return true;
}

}  // namespace beamlink
