/* Many small nodes in one process, each with a handshake and a connection of its own: what takes
 * the place of a thousand Erlang VMs.
 *
 * usage: peers COUNT PREFIX TARGET COOKIE      (nodes PREFIX0@127.0.0.1 and so on)
 * stdin, one per line, each answered with one line of JSON:
 *   connect   connects all                            {"ms":milliseconds}
 *   expect N  until N messages have come in since     {"got":N}
 *             the last answer to this
 *   blast N   each sends N messages to bench_inbox    {"sent":in all}
 */
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <ei.h>

#include "measure.h"
#include "peer_channel.h"

enum { kEvents = 256, kLineBytes = 256 };

static const char *g_prefix, *g_target, *g_cookie;
static PeerChannel* g_peers;
static int g_count, g_epoll;
static long g_received, g_expected;

static void Watch(int fd, int index) {
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (unsigned)index};
  if (epoll_ctl(g_epoll, EPOLL_CTL_ADD, fd, &event) < 0) Fail("epoll_ctl");
}

static void ConnectAll(void) {
  double start = NowUs();
  for (int k = 0; k < g_count; k++) {
    char name[256];
    snprintf(name, sizeof name, "%s%d@127.0.0.1", g_prefix, k);
    OpenPeer(&g_peers[k], name, g_target, g_cookie);
    Watch(g_peers[k].fd, k);
  }
  printf("{\"ms\":%.1f}\n", (NowUs() - start) / 1e3);
  fflush(stdout);
}

static void BlastAll(int each) {
  for (int k = 0; k < g_count; k++)
    BlastPeer(&g_peers[k], each);
  printf("{\"sent\":%ld}\n", (long)g_count * each);
  fflush(stdout);
}

static void AnswerExpected(void) {
  if (g_expected == 0 || g_received < g_expected) return;
  printf("{\"got\":%ld}\n", g_received);
  fflush(stdout);
  g_received = g_expected = 0;
}

/* The driver waits for each answer before it asks again, so one read is one line. */
static void ReadCommand(void) {
  char line[kLineBytes + 1], name[32] = "";
  long number = 0;
  ssize_t got = read(STDIN_FILENO, line, kLineBytes);
  if (got <= 0) exit(0);
  line[got] = 0;
  sscanf(line, "%31s %ld", name, &number);
  if (!strcmp(name, "connect")) {
    ConnectAll();
  } else if (!strcmp(name, "blast")) {
    BlastAll((int)number);
  } else {
    g_expected = number;
    AnswerExpected();
  }
}

int main(int argc, char** argv) {
  if (argc != 5) Fail("usage: peers COUNT PREFIX TARGET COOKIE");
  g_count = atoi(argv[1]);
  g_prefix = argv[2];
  g_target = argv[3];
  g_cookie = argv[4];
  ei_init();
  g_peers = calloc((size_t)g_count, sizeof *g_peers);
  g_epoll = epoll_create1(0);
  if (g_peers == NULL || g_epoll < 0) Fail("epoll");
  Watch(STDIN_FILENO, g_count);
  for (;;) {
    struct epoll_event events[kEvents];
    int ready = epoll_wait(g_epoll, events, kEvents, -1);
    for (int k = 0; k < ready; k++) {
      int index = (int)events[k].data.u32;
      if (index == g_count) {
        ReadCommand();
      } else {
        g_received += ReadPeer(&g_peers[index]);
      }
    }
    AnswerExpected();
  }
}
