/* The limit of ei itself: decodes and encodes the corpora with ei_* alone, no VM.
 *
 * usage: codec DIR     (DIR holds NAME.etf files)
 * stdin:  "OPERATION NAME MS" per line -> one line of JSON on stdout
 *   decode        walks the term with ei_decode_*, copying atoms and binaries to scratch
 *   skip          ei_skip_term
 *   tree          walks and builds a C tree (binaries by pointer): the cheapest useful decode
 *   encode        tree -> ei_x_encode_*, one ei_x_buff reused (index reset)
 *   encode_fresh  tree -> ei_x_encode_*, ei_x_new / ei_x_free each time
 *   encode_raw    tree -> ei_encode_* into memory known to be large enough
 *   check         does encode give back the same bytes?
 */
#include <string.h>

#include <ei.h>

#include "codec_tree.h"
#include "measure.h"

enum { kScratchBytes = 4 << 20, kCalibrationUs = 500 };

static char* g_input;
static int g_size;
static char g_scratch[kScratchBytes];
static Node g_root;
static ei_x_buff g_reused;
/* Keeps the compiler from dropping reads whose result nobody uses. */
static volatile long g_sum;

static void WalkItems(int* index, int count);

static void Walk(int* index) {
  int type, length, arity;
  long size;
  long long integer;
  double number;
  char* scratch = g_scratch;
  if (ei_get_type(g_input, index, &type, &length)) Fail("type");
  switch (type) {
    case ERL_SMALL_INTEGER_EXT:
    case ERL_INTEGER_EXT:
    case ERL_SMALL_BIG_EXT:
      if (ei_decode_longlong(g_input, index, &integer)) Fail("integer");
      g_sum += integer;
      return;
    case ERL_FLOAT_EXT: /* what ei_get_type says of both forms */
      if (ei_decode_double(g_input, index, &number)) Fail("float");
      g_sum += number > 0;
      return;
    case ERL_ATOM_EXT: /* what ei_get_type says of every atom tag */
      if (ei_decode_atom_as(g_input, index, scratch, MAXATOMLEN_UTF8, ERLANG_UTF8, NULL, NULL))
        Fail("atom");
      return;
    case ERL_BINARY_EXT:
      if (ei_decode_binary(g_input, index, scratch, &size)) Fail("binary");
      g_sum += size;
      return;
    case ERL_SMALL_TUPLE_EXT:
    case ERL_LARGE_TUPLE_EXT:
      if (ei_decode_tuple_header(g_input, index, &arity)) Fail("tuple");
      return WalkItems(index, arity);
    case ERL_LIST_EXT:
      if (ei_decode_list_header(g_input, index, &arity)) Fail("list");
      return WalkItems(index, arity + 1);
    case ERL_NIL_EXT:
      if (ei_decode_list_header(g_input, index, &arity)) Fail("nil");
      return;
    case ERL_MAP_EXT:
      if (ei_decode_map_header(g_input, index, &arity)) Fail("map");
      return WalkItems(index, 2 * arity);
    default:
      Fail("unexpected type");
  }
}

static void WalkItems(int* index, int count) {
  for (int k = 0; k < count; k++)
    Walk(index);
}

static void Decode(const char* operation) {
  int index = 0, version;
  if (ei_decode_version(g_input, &index, &version)) Fail("version");
  if (!strcmp(operation, "decode")) {
    Walk(&index);
  } else if (!strcmp(operation, "skip")) {
    if (ei_skip_term(g_input, &index)) Fail("skip");
  } else {
    ReadTree(g_input, &index, &g_root);
  }
  if (index != g_size) Fail("length");
}

static void EncodeReused(void) {
  g_reused.index = 0;
  ei_x_encode_version(&g_reused);
  WriteTreeX(&g_reused, &g_root);
}

static void EncodeFresh(void) {
  ei_x_buff fresh;
  ei_x_new_with_version(&fresh);
  WriteTreeX(&fresh, &g_root);
  if (fresh.index < 2) Fail("ei_x");
  ei_x_free(&fresh);
}

static int EncodeRaw(void) {
  int index = 0;
  ei_encode_version(g_scratch, &index);
  WriteTree(g_scratch, &index, &g_root);
  return index;
}

static void RunOnce(const char* operation) {
  if (!strcmp(operation, "encode")) {
    EncodeReused();
  } else if (!strcmp(operation, "encode_fresh")) {
    EncodeFresh();
  } else if (!strcmp(operation, "encode_raw")) {
    EncodeRaw();
  } else {
    Decode(operation);
  }
}

static void Repeat(const char* operation, long count) {
  for (long k = 0; k < count; k++)
    RunOnce(operation);
}

static void Measure(const char* operation, double ms) {
  long count = 0, batch = 1;
  double start;
  for (;; batch *= 2) {
    start = NowUs();
    Repeat(operation, batch);
    if (NowUs() - start >= kCalibrationUs) break;
  }
  start = NowUs();
  do {
    Repeat(operation, batch);
    count += batch;
  } while (NowUs() - start < ms * 1e3);
  printf("{\"ns\":%.2f,\"count\":%ld}\n", (NowUs() - start) * 1e3 / count, count);
}

static void Check(void) {
  int length = EncodeRaw();
  EncodeReused();
  int equal = length == g_size && g_reused.index == length &&
              !memcmp(g_scratch, g_reused.buff, length) && !memcmp(g_scratch, g_input, length);
  printf("{\"bytes\":%d,\"equal\":%s}\n", length, equal ? "true" : "false");
}

static void Load(const char* folder, const char* name) {
  char path[512];
  int index = 0, version;
  snprintf(path, sizeof path, "%s/%s.etf", folder, name);
  FILE* file = fopen(path, "rb");
  if (file == NULL) Fail("no such corpus");
  fseek(file, 0, SEEK_END);
  g_size = ftell(file);
  rewind(file);
  free(g_input);
  g_input = malloc(g_size);
  if (g_input == NULL || fread(g_input, 1, g_size, file) != (size_t)g_size) Fail("read");
  fclose(file);
  if (ei_decode_version(g_input, &index, &version)) Fail("version");
  ReadTree(g_input, &index, &g_root);
}

int main(int argc, char** argv) {
  char operation[32], name[64], held[64] = "";
  double ms;
  if (argc != 2) Fail("usage: codec DIR");
  ei_init();
  ei_x_new(&g_reused);
  while (scanf("%31s %63s %lf", operation, name, &ms) == 3) {
    if (strcmp(held, name)) Load(argv[1], name);
    strcpy(held, name);
    if (!strcmp(operation, "check")) {
      Check();
    } else {
      Measure(operation, ms);
    }
    fflush(stdout);
  }
  return 0;
}
