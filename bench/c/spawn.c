/* Calls by SPAWN_REQUEST of erpc:execute_call, as Erlang's own rpc:call makes them, by raw ei: the
 * bytes are written and counted, never decoded. What the protocol alone costs.
 *
 * usage: spawn NODE PEER COOKIE
 * stdin: "CASE MS" per line -> one line of JSON (adapters/README.md)
 */
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include <ei.h>

#include "buffered_socket.h"
#include "frames.h"
#include "measure.h"

enum { kSmall = 100, kInFlight = 64, kPassThrough = 112 };
enum { kMonitorExit = 21, kSpawnRequest = 29, kPayloadMonitorExit = 28, kSpawnReply = 31 };
/* DIST_MONITOR, DIST_MONITOR_NAME, EXIT_PAYLOAD and SPAWN: without them no outcome is sent. */
static const unsigned long long kFlags = 0x8 | 0x20 | 0x400000 | 1ull << 32;

static ei_cnode g_node;
static char** g_arguments;
static unsigned g_calls;

static void EncodeControl(ei_x_buff* x, const erlang_ref* call) {
  ei_x_encode_version(x);
  ei_x_encode_tuple_header(x, 6);
  ei_x_encode_long(x, kSpawnRequest);
  ei_x_encode_ref(x, call);
  ei_x_encode_pid(x, ei_self(&g_node));
  ei_x_encode_pid(x, ei_self(&g_node)); /* group leader */
  ei_x_encode_tuple_header(x, 3);
  ei_x_encode_atom(x, "erpc");
  ei_x_encode_atom(x, "execute_call");
  ei_x_encode_long(x, 4);
  ei_x_encode_list_header(x, 1);
  ei_x_encode_atom(x, "monitor");
  ei_x_encode_empty_list(x);
}

static void EncodeArguments(ei_x_buff* x, const erlang_ref* call) {
  static const char payload[kSmall];
  ei_x_encode_version(x);
  ei_x_encode_list_header(x, 4);
  ei_x_encode_ref(x, call);
  ei_x_encode_atom(x, "bench_peer");
  ei_x_encode_atom(x, "echo");
  ei_x_encode_list_header(x, 1);
  ei_x_encode_binary(x, payload, sizeof payload);
  ei_x_encode_empty_list(x);
  ei_x_encode_empty_list(x);
}

static void Request(void) {
  static ei_x_buff x;
  erlang_ref call = {.len = 3, .creation = ei_self(&g_node)->creation};
  strcpy(call.node, ei_self(&g_node)->node);
  call.n[0] = ++g_calls & 0x3ffff;
  if (x.buff == NULL) ei_x_new(&x);
  x.index = 0;
  EncodeControl(&x, &call);
  EncodeArguments(&x, &call);
  if (!PutFrame(kPassThrough, x.buff, x.index)) Fail("request");
}

/* The operation stands behind the version byte, the head of a small tuple and the tag of a byte. */
static void Outcome(void) {
  Frame frame;
  for (;;) {
    if (!NextFrame(&frame)) Fail("outcome");
    if (frame.operation != kPassThrough || frame.size < 5) Fail("not a frame of the protocol");
    const int operation = frame.body[4];
    if (operation == kPayloadMonitorExit || operation == kMonitorExit) break;
    if (operation != kSpawnReply) Fail("unexpected operation");
  }
  if (frame.size < kSmall) Fail("the outcome is no binary");
}

static void Call(void) {
  Request();
  Outcome();
}

static void MeasureInFlight(double us) {
  double start = NowUs();
  long count = 0;
  for (int k = 0; k < kInFlight; k++)
    Request();
  do {
    Outcome();
    count++;
    Request();
  } while (NowUs() - start < us);
  for (int k = 0; k < kInFlight; k++, count++)
    Outcome();
  ReportRate(count, NowUs() - start);
}

static int Connect(void) {
  char alive[256];
  struct in_addr address;
  snprintf(alive, sizeof alive, "%s", g_arguments[1]);
  char* host = strchr(alive, '@');
  if (host == NULL) Fail("NODE needs a host");
  *host++ = 0;
  address.s_addr = inet_addr(host);
  ei_socket_callbacks* callbacks = BufferedSocketCallbacks();
  if (ei_connect_xinit_ussi(&g_node, host, alive, g_arguments[1], &address, g_arguments[3], 1,
                            callbacks, sizeof *callbacks, NULL) < 0)
    Fail("init");
  const int fd = ei_connect(&g_node, g_arguments[2]);
  if (fd < 0) Fail("connect");
  return fd;
}

/* Connects for each case: between two of them nobody would answer ticks. */
static void Run(const char* name, double us) {
  const int is_latency = !strcmp(name, "rpc_1");
  if (!is_latency && strcmp(name, "rpc_64")) {
    printf("{\"skip\":\"not offered\"}\n");
    fflush(stdout);
    return;
  }
  const int fd = Connect();
  UseSocket(fd);
  if (is_latency)
    MeasureLatency(Call, us);
  else
    MeasureInFlight(us);
  ei_close_connection(fd);
}

int main(int argc, char** argv) {
  char name[32];
  double ms;
  if (argc != 4) Fail("usage: spawn NODE PEER COOKIE");
  g_arguments = argv;
  ei_init();
  AddHandshakeFlags(kFlags);
  while (scanf("%31s %lf", name, &ms) == 2)
    Run(name, ms * 1e3);
  return 0;
}
