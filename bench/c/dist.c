/* Raw ei as a distribution peer, blocking, one thread.
 *
 * usage: dist NODE PEER COOKIE [buffered]
 * stdin: "CASE MS" per line -> one line of JSON (adapters/README.md)
 * BENCH_ROW: a file with the term of in_row and out_row
 * "buffered" plugs the callbacks of buffered_socket.c: ei's own format, far fewer system calls.
 */
#include <arpa/inet.h>
#include <string.h>

#include <ei.h>

#include "buffered_socket.h"
#include "codec_tree.h"
#include "measure.h"

/* kRow, where a size is asked for, is the row in place of a binary. */
enum {
  kRow = 0,
  kSmall = 100,
  kLarge = 65536,
  kInFlight = 64,
  kBatchBytes = 1 << 25,
  kMaxBatch = 20000
};

static ei_cnode g_node;
static int g_fd;
static char g_payload[kLarge];
static ei_x_buff g_in, g_out, g_arguments;
static char g_row[4096];

static void SendTo(char* name) {
  if (ei_reg_send(&g_node, g_fd, name, g_out.buff, g_out.index) < 0) Fail("send");
}

/* The next message into `g_in`. */
static void Receive(void) {
  erlang_msg message;
  for (;;) {
    g_in.index = 0;
    int got = ei_xreceive_msg(g_fd, &message, &g_in);
    if (got == ERL_ERROR) Fail("receive");
    if (got != ERL_MSG) continue; /* a tick */
    if (message.msgtype == ERL_SEND || message.msgtype == ERL_REG_SEND) return;
  }
}

static void NeedBinary(const char* input, int index, int size) {
  int type, length;
  if (ei_get_type(input, &index, &type, &length)) Fail("reply");
  if (type != ERL_BINARY_EXT || length != size) Fail("reply is not the binary that was sent");
}

static void Rpc(void) {
  char *module = "bench_peer", *function = "echo";
  g_in.index = 0;
  if (ei_rpc(&g_node, g_fd, module, function, g_arguments.buff, g_arguments.index, &g_in) < 0)
    Fail("rpc");
  NeedBinary(g_in.buff, 0, kSmall);
}

static void RpcRequest(void) {
  char *module = "bench_peer", *function = "echo";
  if (ei_rpc_to(&g_node, g_fd, module, function, g_arguments.buff, g_arguments.index))
    Fail("rpc_to");
}

/* Not ei_rpc_from: that select()s on the socket and does not see what is buffered. */
static void RpcReply(void) {
  int index = 0, version, arity;
  char tag[MAXATOMLEN];
  Receive();
  if (ei_decode_version(g_in.buff, &index, &version)) Fail("rpc version");
  if (ei_decode_tuple_header(g_in.buff, &index, &arity)) Fail("rpc tuple");
  if (ei_decode_atom(g_in.buff, &index, tag)) Fail("rpc tag");
  NeedBinary(g_in.buff, index, kSmall);
}

static void EchoRequest(void) {
  g_out.index = 0;
  ei_x_encode_version(&g_out);
  ei_x_encode_tuple_header(&g_out, 2);
  ei_x_encode_pid(&g_out, ei_self(&g_node));
  ei_x_encode_binary(&g_out, g_payload, kSmall);
  SendTo("bench_echo");
}

static void EchoReply(void) {
  int index = 0, version;
  Receive();
  if (ei_decode_version(g_in.buff, &index, &version)) Fail("echo version");
  NeedBinary(g_in.buff, index, kSmall);
}

static void Echo(void) {
  EchoRequest();
  EchoReply();
}

static void MeasureInFlight(void (*request)(void), void (*reply)(void), double us) {
  double start = NowUs();
  long count = 0;
  for (int k = 0; k < kInFlight; k++)
    request();
  do {
    reply();
    count++;
    request();
  } while (NowUs() - start < us);
  for (int k = 0; k < kInFlight; k++, count++)
    reply();
  ReportRate(count, NowUs() - start);
}

/* Asks bench_sink how many messages it has seen. */
static long Sunk(void) {
  int index = 0, version, arity;
  long count;
  char tag[MAXATOMLEN];
  g_out.index = 0;
  ei_x_encode_version(&g_out);
  ei_x_encode_tuple_header(&g_out, 2);
  ei_x_encode_pid(&g_out, ei_self(&g_node));
  ei_x_encode_atom(&g_out, "done");
  SendTo("bench_sink");
  Receive();
  if (ei_decode_version(g_in.buff, &index, &version)) Fail("sink version");
  if (ei_decode_tuple_header(g_in.buff, &index, &arity)) Fail("sink tuple");
  if (ei_decode_atom(g_in.buff, &index, tag)) Fail("sink tag");
  if (ei_decode_long(g_in.buff, &index, &count)) Fail("sink count");
  return count;
}

static void EncodeRow(void) {
  static Node row; /* Read anew: what has come in may have taken the place of its parts. */
  int index = 1;
  ReadTree(g_row, &index, &row);
  WriteTreeX(&g_out, &row);
}

static void LoadRow(void) {
  const char* path = getenv("BENCH_ROW");
  FILE* file = path == NULL ? NULL : fopen(path, "rb");
  if (file == NULL) return;
  if (fread(g_row, 1, sizeof g_row, file) == 0) Fail("BENCH_ROW");
  fclose(file);
}

static void MeasureInto(int size, double us) {
  double start = NowUs();
  long count = 0;
  do {
    g_out.index = 0;
    ei_x_encode_version(&g_out);
    ei_x_encode_tuple_header(&g_out, 2);
    ei_x_encode_atom(&g_out, "data");
    if (size == kRow) {
      EncodeRow();
    } else {
      ei_x_encode_binary(&g_out, g_payload, size);
    }
    SendTo("bench_sink");
    count++;
  } while (NowUs() - start < us);
  if (Sunk() != count) Fail("sink lost messages");
  ReportRate(count, NowUs() - start);
}

/* Whether the message is `{data, Binary}`; else it is `{source_done, N}`. */
static int IsSourceData(int size) {
  int index = 0, version, arity;
  char tag[MAXATOMLEN];
  const char* bytes;
  unsigned offset;
  size_t bits;
  if (ei_decode_version(g_in.buff, &index, &version)) Fail("source version");
  if (ei_decode_tuple_header(g_in.buff, &index, &arity)) Fail("source tuple");
  if (ei_decode_atom(g_in.buff, &index, tag)) Fail("source tag");
  if (strcmp(tag, "data")) return 0;
  if (size == kRow) {
    static Node row;
    ReadTree(g_in.buff, &index, &row);
    if (row.type != kMap) Fail("source row");
    return 1;
  }
  if (ei_decode_bitstring(g_in.buff, &index, &bytes, &offset, &bits)) Fail("source binary");
  if (bits != (size_t)size * 8) Fail("source size");
  return 1;
}

static void MeasureOutOf(int size, double us) {
  long most = size == kRow ? kMaxBatch : kBatchBytes / size, count = 0;
  long batch = most < kMaxBatch ? most : kMaxBatch;
  double start = NowUs();
  do {
    long got = 0;
    g_out.index = 0;
    ei_x_encode_version(&g_out);
    ei_x_encode_tuple_header(&g_out, 3);
    ei_x_encode_pid(&g_out, ei_self(&g_node));
    ei_x_encode_long(&g_out, batch);
    if (size == kRow) {
      ei_x_encode_tuple_header(&g_out, 2);
      ei_x_encode_atom(&g_out, "term");
      EncodeRow();
    } else {
      ei_x_encode_long(&g_out, size);
    }
    SendTo("bench_source");
    for (Receive(); IsSourceData(size); Receive())
      got++;
    if (got != batch) Fail("source count");
    count += got;
  } while (NowUs() - start < us);
  ReportRate(count, NowUs() - start);
}

static void Run(const char* name, double us) {
  if (!strcmp(name, "rpc_1")) return MeasureLatency(Rpc, us);
  if (!strcmp(name, "rpc_64")) return MeasureInFlight(RpcRequest, RpcReply, us);
  if (!strcmp(name, "echo_1")) return MeasureLatency(Echo, us);
  if (!strcmp(name, "echo_64")) return MeasureInFlight(EchoRequest, EchoReply, us);
  if (!strcmp(name, "in_100")) return MeasureInto(kSmall, us);
  if (!strcmp(name, "in_64k")) return MeasureInto(kLarge, us);
  if (!strcmp(name, "out_100")) return MeasureOutOf(kSmall, us);
  if (!strcmp(name, "in_row")) return MeasureInto(kRow, us);
  if (!strcmp(name, "out_row")) return MeasureOutOf(kRow, us);
  if (!strcmp(name, "out_64k")) return MeasureOutOf(kLarge, us);
  printf("{\"skip\":\"not offered\"}\n");
  fflush(stdout);
}

static void Connect(char** argv, int buffered) {
  char alive[256];
  struct in_addr address;
  snprintf(alive, sizeof alive, "%s", argv[1]);
  char* host = strchr(alive, '@');
  if (host == NULL) Fail("NODE needs a host");
  *host++ = 0;
  address.s_addr = inet_addr(host);
  const char *self = argv[1], *cookie = argv[3];
  int failed;
  if (buffered) {
    ei_socket_callbacks* callbacks = BufferedSocketCallbacks();
    failed = ei_connect_xinit_ussi(&g_node, host, alive, self, &address, cookie, 1, callbacks,
                                   sizeof *callbacks, NULL);
  } else {
    failed = ei_connect_xinit(&g_node, host, alive, self, &address, cookie, 1);
  }
  if (failed < 0) Fail("init");
  g_fd = ei_connect(&g_node, argv[2]);
  if (g_fd < 0) Fail("connect");
}

int main(int argc, char** argv) {
  char name[32];
  double ms;
  if (argc < 4) Fail("usage: dist NODE PEER COOKIE [buffered]");
  ei_init();
  Connect(argv, argc > 4);
  LoadRow();
  memset(g_payload, 'x', sizeof g_payload);
  ei_x_new(&g_in);
  ei_x_new(&g_out);
  ei_x_new(&g_arguments);
  ei_x_encode_list_header(&g_arguments, 1);
  ei_x_encode_binary(&g_arguments, g_payload, kSmall);
  ei_x_encode_empty_list(&g_arguments);
  while (scanf("%31s %lf", name, &ms) == 2)
    Run(name, ms * 1e3);
  return 0;
}
