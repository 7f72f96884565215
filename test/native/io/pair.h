// Two nodes, each with a reactor of its own, and the channel between them.
#pragma once

#include <cstdint>
#include <doctest/doctest.h>
#include <string>

#include "io/test_node.h"

namespace beamlink::test {

struct Pair {
  explicit Pair(const TestNodeOptions& options = {})
      : one("a@127.0.0.1", options), two("b@127.0.0.1", options) {
    port = two.Listen();
    to_two = one.Dial("b@127.0.0.1", port);
    CHECK(one.NextUp() == to_two);
    to_one = two.NextUp();
    CHECK(to_one != 0);
  }

  TestNode one;
  TestNode two;
  uint16_t port = 0;
  uint32_t to_two = 0;  // channel ids
  uint32_t to_one = 0;
};

inline std::string DownReason(TestNode* node, uint32_t channel) {
  const auto event = node->events().NextOf(EventKind::kChannelDown, channel);
  return event ? event->BinaryAt(0) : "(nothing)";
}

}  // namespace beamlink::test
