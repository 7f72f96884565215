// Encode tapes made by hand.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "etf/tape.h"
#include "io/command.h"

namespace beamlink::test {

// An encode tape under construction. Deep terms are not needed here.
class TapeMaker {
 public:
  TapeMaker& Int(int32_t value) { return Push({kInt, value}); }
  TapeMaker& Atom(const std::string& name) { return Ranged(kAtomText, name); }
  TapeMaker& Binary(const std::string& bytes) { return Ranged(kBinary, bytes); }
  TapeMaker& Raw(const std::string& etf) { return Ranged(kRaw, etf); }
  TapeMaker& Shared(int32_t index) { return Push({kShared, index}); }
  TapeMaker& Nil() { return Push({kNil}); }
  TapeMaker& List(int32_t count) { return Push({kList, count}); }
  TapeMaker& Tuple(int32_t count) { return Push({kTuple, count}); }
  TapeMaker& Pid(const std::string& node, int32_t id, int32_t serial, int32_t creation) {
    Push({kPid, id, serial, creation});
    return Atom(node);
  }
  TapeMaker& Ref(const std::string& node, int32_t word, int32_t creation) {
    Push({kRef, 3, word, 0, 0, creation});
    return Atom(node);
  }

  const std::vector<int32_t>& ops() const { return ops_; }
  const std::string& text() const { return text_; }

  SendFrames Frame(uint32_t channel, double cost = 0, uint32_t ticket = 0,
                   std::vector<std::span<const uint8_t>> shared = {}) const {
    const size_t ops_bytes = ops_.size() * sizeof(int32_t);
    OwnedBytes tape(ops_bytes + text_.size());
    std::memcpy(tape.data(), ops_.data(), ops_bytes);
    if (!text_.empty()) std::memcpy(tape.data() + ops_bytes, text_.data(), text_.size());
    return {.frames = {{channel, 0, cost}},
            .tape = std::move(tape),
            .ops_words = static_cast<uint32_t>(ops_.size()),
            .ticket = ticket,
            .shared = std::move(shared)};
  }

 private:
  TapeMaker& Push(std::initializer_list<int32_t> words) {
    ops_.insert(ops_.end(), words);
    return *this;
  }
  TapeMaker& Ranged(TapeOp op, const std::string& bytes) {
    Push({op, static_cast<int32_t>(text_.size()), static_cast<int32_t>(bytes.size())});
    text_ += bytes;
    return *this;
  }

  std::vector<int32_t> ops_;
  std::string text_;
};

}  // namespace beamlink::test
