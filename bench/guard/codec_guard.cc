// Decodes and encodes files of ETF, for a machine that counts instructions. Under callgrind each
// operation on each file becomes a dump of its own, named by it.
//
//   usage: codec_guard FOLDER NAME…      (FOLDER holds NAME.etf)
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <valgrind/callgrind.h>
#include <vector>

#include "etf/ei_buffer.h"
#include "etf/tape_decoder.h"
#include "etf/tape_encoder.h"
#include "etf/tape_values.h"

namespace beamlink {
namespace {

constexpr uint32_t kDepth = 10000;
constexpr uint8_t kVersion = 131;
constexpr int kTimes = 3;

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "codec_guard: %s\n", why.c_str());
  std::exit(1);
}

std::vector<uint8_t> BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The first time is not counted: memory grows and atoms become known then.
template <typename Step>
void Count(const std::string& what, Step step) {
  step();
  CALLGRIND_ZERO_STATS;
  for (int k = 0; k < kTimes; k++)
    step();
  CALLGRIND_DUMP_STATS_AT(what.c_str());
}

void Guard(const std::string& folder, const std::string& name) {
  const std::vector<uint8_t> bytes = BytesOf(folder + "/" + name + ".etf");
  AtomTable atoms;
  TapeDecoder decoder(&atoms, kDepth);
  Count("decode " + name, [&] {
    size_t index = 1;
    decoder.Reset();
    if (!decoder.Term(bytes, &index).ok() || index != bytes.size()) Fail("decode " + name);
    decoder.Stop();
  });

  TapeValues values;
  if (!values.Read(decoder.tape(), bytes, atoms)) Fail("tape of " + name);
  const EncodeTapeMemory memory = values.Encode();
  const EncodeTape tape{memory.ops, memory.text, {}};
  const AtomBook book;
  TapeEncoder encoder(&book);
  std::vector<uint8_t> room(2 * bytes.size() + 4096);
  Count("encode " + name, [&] {
    EiBuffer out(room);
    size_t at = 0;
    out.Push(kVersion);
    if (!encoder.Value(tape, &at, &out, nullptr).ok()) Fail("encode " + name);
  });
}

}  // namespace
}  // namespace beamlink

int main(int argc, char** argv) {
  if (argc < 3) beamlink::Fail("usage: codec_guard FOLDER NAME…");
  for (int k = 2; k < argc; k++)
    beamlink::Guard(argv[1], argv[k]);
  return 0;
}
