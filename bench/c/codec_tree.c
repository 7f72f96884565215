#include "codec_tree.h"

#include "measure.h"

enum { kArenaNodes = 1 << 18 };

static Node g_arena[kArenaNodes];
static int g_used;

static Node* TakeNodes(int count) {
  if (g_used + count > kArenaNodes) Fail("arena");
  g_used += count;
  return g_arena + g_used - count;
}

/* Reads what stands alone; returns 0 when `node` is a container whose header was read. */
static int ReadLeaf(const char* input, int* index, int type, int length, Node* node) {
  int arity;
  unsigned offset;
  size_t bits;
  node->count = length;
  switch (type) {
    case ERL_SMALL_INTEGER_EXT:
    case ERL_INTEGER_EXT:
    case ERL_SMALL_BIG_EXT:
      node->type = kInteger;
      if (ei_decode_longlong(input, index, &node->integer)) Fail("integer");
      return 1;
    case ERL_FLOAT_EXT: /* what ei_get_type says of both forms */
      node->type = kFloat;
      if (ei_decode_double(input, index, &node->number)) Fail("float");
      return 1;
    case ERL_ATOM_EXT: /* what ei_get_type says of every atom tag */
      node->type = kAtom;
      if (ei_skip_term(input, index)) Fail("atom");
      node->text = input + *index - length;
      return 1;
    case ERL_BINARY_EXT:
      node->type = kBinary;
      if (ei_decode_bitstring(input, index, &node->text, &offset, &bits)) Fail("binary");
      return 1;
    case ERL_NIL_EXT:
      node->type = kNil;
      if (ei_decode_list_header(input, index, &arity)) Fail("nil");
      return 1;
    default:
      return 0;
  }
}

static int ReadHeader(const char* input, int* index, int type, Node* node) {
  int arity;
  switch (type) {
    case ERL_SMALL_TUPLE_EXT:
    case ERL_LARGE_TUPLE_EXT:
      node->type = kTuple;
      if (ei_decode_tuple_header(input, index, &arity)) Fail("tuple");
      return arity;
    case ERL_LIST_EXT:
      node->type = kList;
      if (ei_decode_list_header(input, index, &arity)) Fail("list");
      return arity;
    case ERL_MAP_EXT:
      node->type = kMap;
      if (ei_decode_map_header(input, index, &arity)) Fail("map");
      return arity * 2;
    default:
      Fail("unexpected type");
      return 0;
  }
}

static void Read(const char* input, int* index, Node* node) {
  int type, length;
  if (ei_get_type(input, index, &type, &length)) Fail("type");
  if (ReadLeaf(input, index, type, length, node)) return;
  node->count = ReadHeader(input, index, type, node);
  node->children = TakeNodes(node->count);
  for (int k = 0; k < node->count; k++)
    Read(input, index, node->children + k);
  if (node->type == kList) {
    Node tail;
    Read(input, index, &tail);
    if (tail.type != kNil) Fail("improper list");
  }
}

void ReadTree(const char* input, int* index, Node* root) {
  g_used = 0;
  Read(input, index, root);
}

void WriteTree(char* output, int* index, const Node* node) {
  switch (node->type) {
    case kInteger:
      ei_encode_longlong(output, index, node->integer);
      return;
    case kFloat:
      ei_encode_double(output, index, node->number);
      return;
    case kAtom:
      ei_encode_atom_len_as(output, index, node->text, node->count, ERLANG_UTF8, ERLANG_UTF8);
      return;
    case kBinary:
      ei_encode_binary(output, index, node->text, node->count);
      return;
    case kNil:
      ei_encode_empty_list(output, index);
      return;
    case kTuple:
      ei_encode_tuple_header(output, index, node->count);
      break;
    case kList:
      ei_encode_list_header(output, index, node->count);
      break;
    case kMap:
      ei_encode_map_header(output, index, node->count / 2);
      break;
  }
  for (int k = 0; k < node->count; k++)
    WriteTree(output, index, node->children + k);
  if (node->type == kList) ei_encode_empty_list(output, index);
}

void WriteTreeX(ei_x_buff* output, const Node* node) {
  switch (node->type) {
    case kInteger:
      ei_x_encode_longlong(output, node->integer);
      return;
    case kFloat:
      ei_x_encode_double(output, node->number);
      return;
    case kAtom:
      ei_x_encode_atom_len_as(output, node->text, node->count, ERLANG_UTF8, ERLANG_UTF8);
      return;
    case kBinary:
      ei_x_encode_binary(output, node->text, node->count);
      return;
    case kNil:
      ei_x_encode_empty_list(output);
      return;
    case kTuple:
      ei_x_encode_tuple_header(output, node->count);
      break;
    case kList:
      ei_x_encode_list_header(output, node->count);
      break;
    case kMap:
      ei_x_encode_map_header(output, node->count / 2);
      break;
  }
  for (int k = 0; k < node->count; k++)
    WriteTreeX(output, node->children + k);
  if (node->type == kList) ei_x_encode_empty_list(output);
}
