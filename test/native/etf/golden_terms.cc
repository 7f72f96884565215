#include "etf/golden_terms.h"

#include <cstdlib>
#include <fstream>

namespace beamlink {
namespace {

// The value of a string field whose text holds no escapes; empty if there is no such field.
std::string_view Field(std::string_view line, std::string_view key) {
  const std::string start = "\"" + std::string(key) + "\":\"";
  const size_t at = line.find(start);
  if (at == std::string_view::npos) return {};
  const size_t from = at + start.size();
  return line.substr(from, line.find('"', from) - from);
}

size_t Number(std::string_view line, std::string_view key) {
  const std::string start = "\"" + std::string(key) + "\":";
  return std::strtoul(line.data() + line.find(start) + start.size(), nullptr, 10);
}

void Append(std::vector<uint8_t>* to, std::string_view hex, size_t times) {
  const std::vector<uint8_t> bytes = BytesOfHex(hex);
  for (size_t i = 0; i < times; i++)
    to->insert(to->end(), bytes.begin(), bytes.end());
}

std::vector<uint8_t> BytesOfRule(std::string_view line) {
  std::vector<uint8_t> bytes = {131};
  const size_t times = Number(line, "times");
  Append(&bytes, Field(line, "head"), 1);
  Append(&bytes, Field(line, "prefix"), times);
  Append(&bytes, Field(line, "middle"), 1);
  Append(&bytes, Field(line, "suffix"), times);
  return bytes;
}

std::vector<GoldenTerm> Read() {
  std::ifstream file(BEAMLINK_GOLDEN);
  if (!file) std::abort();
  std::vector<GoldenTerm> terms;
  for (std::string line; std::getline(file, line);) {
    GoldenTerm term{std::string(Field(line, "name")), BytesOfHex(Field(line, "hex")),
                    BytesOfHex(Field(line, "canonical"))};
    if (term.bytes.empty()) term.bytes = BytesOfRule(line);
    terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace

std::vector<uint8_t> BytesOfHex(std::string_view hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const std::string digits(hex.substr(i, 2));
    bytes.push_back(static_cast<uint8_t>(std::strtoul(digits.c_str(), nullptr, 16)));
  }
  return bytes;
}

const std::vector<GoldenTerm>& GoldenTerms() {
  static const std::vector<GoldenTerm> terms = Read();
  return terms;
}

}  // namespace beamlink
