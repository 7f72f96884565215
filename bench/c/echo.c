/* Plain TCP floor: frames over loopback, no Erlang involved.
 *
 *   frame := <<Length:32, Operation, Body/binary>>
 *   e Body             -> the same frame back      (echo)
 *   s Body             -> counted                  (sink)
 *   d                  -> d <<Count:32>>           (done)
 *   q <<N:32, Size:32>> -> N frames "s" of Size bytes, then d <<N:32>>
 *
 * usage: echo server            prints {"port":P}; serves one connection at a time until stdin ends
 *        echo client PORT       stdin: "CASE MS" -> one line of JSON (adapters/README.md)
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"
#include "measure.h"

enum { kSmall = 100, kInFlight = 64, kBatchBytes = 1 << 25, kMaxBatch = 20000 };

static unsigned char g_payload[kMaxBody];

static void Source(unsigned count, unsigned size) {
  unsigned char answer[4];
  for (unsigned k = 0; k < count; k++)
    PutFrame('s', g_payload, size);
  Put32(answer, count);
  PutFrame('d', answer, sizeof answer);
}

static void ServeConnection(void) {
  unsigned count = 0;
  unsigned char answer[4];
  Frame frame;
  while (NextFrame(&frame)) {
    if (frame.operation == 'e') {
      PutFrame('e', frame.body, frame.size);
    } else if (frame.operation == 's') {
      count++;
    } else if (frame.operation == 'd') {
      Put32(answer, count);
      count = 0;
      PutFrame('d', answer, sizeof answer);
    } else if (frame.operation == 'q') {
      Source(Get32(frame.body), Get32(frame.body + 4));
    }
  }
}

static int Serve(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (void*)&address, sizeof address)) return 1;
  if (listen(listener, 1) || getsockname(listener, (void*)&address, &length)) return 1;
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd waiting[2] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(waiting, 2, -1);
    if (waiting[1].revents) return 0;
    int fd = accept(listener, NULL, NULL);
    UseSocket(fd);
    ServeConnection();
    close(fd);
  }
}

static void Need(char operation, int size, Frame* frame) {
  if (!NextFrame(frame) || frame->operation != operation || frame->size != size) Fail("bad reply");
}

static void Echo(void) {
  Frame frame;
  PutFrame('e', g_payload, kSmall);
  Need('e', kSmall, &frame);
}

static void MeasureInFlight(double us) {
  double start = NowUs();
  long count = 0;
  Frame frame;
  for (int k = 0; k < kInFlight; k++)
    PutFrame('e', g_payload, kSmall);
  do {
    Need('e', kSmall, &frame);
    count++;
    PutFrame('e', g_payload, kSmall);
  } while (NowUs() - start < us);
  for (int k = 0; k < kInFlight; k++, count++)
    Need('e', kSmall, &frame);
  ReportRate(count, NowUs() - start);
}

static void MeasureInto(int size, double us) {
  double start = NowUs();
  long count = 0;
  Frame frame;
  do {
    PutFrame('s', g_payload, size);
    count++;
  } while (NowUs() - start < us);
  PutFrame('d', g_payload, 0);
  Need('d', 4, &frame);
  if (Get32(frame.body) != count) Fail("sink lost messages");
  ReportRate(count, NowUs() - start);
}

static void MeasureOutOf(int size, double us) {
  long batch = kBatchBytes / size < kMaxBatch ? kBatchBytes / size : kMaxBatch, count = 0;
  double start = NowUs();
  Frame frame;
  do {
    unsigned char request[8];
    Put32(request, batch);
    Put32(request + 4, size);
    PutFrame('q', request, sizeof request);
    for (long k = 0; k < batch; k++)
      Need('s', size, &frame);
    Need('d', 4, &frame);
    count += batch;
  } while (NowUs() - start < us);
  ReportRate(count, NowUs() - start);
}

static void Run(const char* name, double us) {
  if (!strcmp(name, "echo_1")) return MeasureLatency(Echo, us);
  if (!strcmp(name, "echo_64")) return MeasureInFlight(us);
  if (!strcmp(name, "in_100")) return MeasureInto(kSmall, us);
  if (!strcmp(name, "in_64k")) return MeasureInto(kMaxBody, us);
  if (!strcmp(name, "out_100")) return MeasureOutOf(kSmall, us);
  if (!strcmp(name, "out_64k")) return MeasureOutOf(kMaxBody, us);
  printf("{\"skip\":\"not offered\"}\n");
  fflush(stdout);
}

int main(int argc, char** argv) {
  char name[32];
  double ms;
  memset(g_payload, 'x', sizeof g_payload);
  if (argc == 2) return Serve();
  if (argc != 3) Fail("usage: echo server | echo client PORT");
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                .sin_port = htons(atoi(argv[2]))};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (void*)&address, sizeof address)) Fail("connect");
  UseSocket(fd);
  while (scanf("%31s %lf", name, &ms) == 2)
    Run(name, ms * 1e3);
  return 0;
}
