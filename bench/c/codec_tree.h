/* A term as a C tree, read and written with ei alone. */
#ifndef BENCH_CODEC_TREE_H_
#define BENCH_CODEC_TREE_H_

#include <ei.h>

typedef enum { kInteger, kFloat, kAtom, kBinary, kTuple, kList, kMap, kNil } NodeType;

typedef struct Node Node;
struct Node {
  NodeType type;
  int count; /* bytes of text, or children */
  long long integer;
  double number;
  const char* text; /* points into the input: atoms, binaries */
  Node* children;   /* lie in one arena, which the next ReadTree reuses */
};

/* Reads the term at `*index`, which must be valid. The tree points into `input`. */
void ReadTree(const char* input, int* index, Node* root);

/* Writes with ei_encode_* into memory that is large enough. */
void WriteTree(char* output, int* index, const Node* node);

/* Writes with ei_x_encode_*, which grows `output` as needed. */
void WriteTreeX(ei_x_buff* output, const Node* node);

#endif /* BENCH_CODEC_TREE_H_ */
