// Atoms cross between threads and languages as small numbers. Two tables, one for each direction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_hash.h"

namespace beamlink {

// No table grows beyond this; what does not fit crosses as text (kAtomText).
inline constexpr uint32_t kMaxTableAtoms = 65536;
// Nor does it take names above this, so that a full one takes 16 MiB and not four times as much.
inline constexpr size_t kMaxTableAtomBytes = 255;

// Slots that are written once by one thread and read by others that learned the index from it
// through a queue (which orders the write before the read). Slots never move.
template <typename T>
class WriteOnceSlots {
 public:
  //   requires: index < kMaxTableAtoms
  T& Slot(uint32_t index) {
    auto& chunk = chunks_[index / kChunk];
    if (!chunk) chunk = std::make_unique<std::array<T, kChunk>>();
    return (*chunk)[index % kChunk];
  }
  // Null when nothing in the index's chunk has been written.
  const T* Find(uint32_t index) const {
    if (index >= kMaxTableAtoms) return nullptr;
    const auto& chunk = chunks_[index / kChunk];
    return chunk ? &(*chunk)[index % kChunk] : nullptr;
  }
  // As if nothing had been written.
  void Clear() {
    for (auto& chunk : chunks_)
      chunk.reset();
  }

 private:
  static constexpr uint32_t kChunk = 256;
  std::array<std::unique_ptr<std::array<T, kChunk>>, kMaxTableAtoms / kChunk> chunks_;
};

// What decoders write: text → id. Ids are dense from 0.
//
// Peers choose the atoms that come here, so the table must not stay full of them: when JavaScript
// says so it begins anew, with a new generation of ids. Of the generation before it keeps the
// names, since what was decoded by then may still be read; JavaScript asks for the next one only
// after that.
//   thread: Name on any thread that got the id through a queue; the others on the decoding thread
class AtomTable {
 public:
  AtomTable();

  // The id of an atom that is in the table, else -1.
  int32_t Find(std::string_view utf8) const {
    const Entry& entry = entries_[EntryOf(utf8)];
    return entry.id;
  }
  // The same, but puts it in; -1 when the table is full or the name too long. `utf8` is valid
  // UTF-8.
  int32_t Intern(std::string_view utf8);
  // Empty for an id that was never given. `generation` is the present one or the one before.
  std::string_view Name(uint32_t id, uint32_t generation) const;

  // Begins the next generation.
  void Renew();
  // Counted from 0.
  uint32_t generation() const { return generation_; }
  // Of a text, the same in every generation; nobody outside can tell which texts have the same.
  uint64_t HashOf(std::string_view utf8) const { return TextHash(utf8, seed_); }

 private:
  // Open addressing with linear probing; at most half of the entries are taken.
  struct Entry {
    const char* text = nullptr;  // points into the generation's names
    uint32_t length = 0;
    int32_t id = -1;  // -1: free
  };

  // The entry that holds the text, or the free one where it belongs.
  size_t EntryOf(std::string_view utf8) const;
  void Grow();

  const uint64_t seed_;
  WriteOnceSlots<std::string> names_[2];  // of generations that are even, and odd
  std::vector<Entry> entries_;
  uint32_t size_ = 0;
  uint32_t generation_ = 0;
};

// What encoders read: id → the ETF bytes of an atom, or of a binary that is the key of many maps,
// made once with ei. Atoms and keys have ids of their own.
//   thread: Define* on the JavaScript thread; the others on any thread that got the id through a
//   queue
class AtomBook {
 public:
  // False when the id is out of range or taken, or the name is no atom (over 255 characters, no
  // UTF-8).
  bool Define(uint32_t id, std::string_view utf8);
  // False when the id is out of range or taken.
  bool DefineKey(uint32_t id, std::string_view text);
  // Empty for an id that was never defined.
  std::span<const uint8_t> Encoded(uint32_t id) const { return BytesOf(atoms_.Find(id)); }
  std::span<const uint8_t> EncodedKey(uint32_t id) const { return BytesOf(keys_.Find(id)); }

 private:
  static std::span<const uint8_t> BytesOf(const std::string* encoded) {
    if (encoded == nullptr) return {};
    return {reinterpret_cast<const uint8_t*>(encoded->data()), encoded->size()};
  }

  WriteOnceSlots<std::string> atoms_;
  WriteOnceSlots<std::string> keys_;
};

}  // namespace beamlink
