#include "frames.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "measure.h"

enum { kHeadBytes = 5, kInBytes = 1 << 18, kOutBytes = 1 << 16, kGatherBytes = 4096 };

static int g_fd;
static unsigned char g_in[kInBytes], g_out[kOutBytes], g_body[kMaxBody];
static int g_in_at, g_in_end, g_out_end;

unsigned Get32(const unsigned char* from) {
  return (unsigned)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3];
}

void Put32(unsigned char* to, unsigned value) {
  to[0] = value >> 24;
  to[1] = value >> 16;
  to[2] = value >> 8;
  to[3] = value;
}

void UseSocket(int fd) {
  int one = 1;
  g_fd = fd;
  g_in_at = g_in_end = g_out_end = 0;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static int Flush(void) {
  int at = 0;
  while (at < g_out_end) {
    ssize_t written = write(g_fd, g_out + at, g_out_end - at);
    if (written <= 0) return 0;
    at += written;
  }
  g_out_end = 0;
  return 1;
}

static int WriteBoth(struct iovec parts[2]) {
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    ssize_t written = writev(g_fd, parts, 2);
    if (written <= 0) return 0;
    for (int k = 0; k < 2; k++) {
      size_t done = (size_t)written < parts[k].iov_len ? (size_t)written : parts[k].iov_len;
      parts[k].iov_base = (char*)parts[k].iov_base + done;
      parts[k].iov_len -= done;
      written -= done;
    }
  }
  return 1;
}

int PutFrame(char operation, const void* body, int size) {
  unsigned char head[kHeadBytes];
  Put32(head, size + 1);
  head[4] = operation;
  if (g_out_end + kHeadBytes + size > kOutBytes && !Flush()) return 0;
  if (kHeadBytes + size < kGatherBytes) {
    memcpy(g_out + g_out_end, head, kHeadBytes);
    memcpy(g_out + g_out_end + kHeadBytes, body, size);
    g_out_end += kHeadBytes + size;
    return 1;
  }
  struct iovec parts[2] = {{head, kHeadBytes}, {(void*)body, size}};
  return Flush() && WriteBoth(parts);
}

static int Refill(void) {
  if (!Flush()) return 0;
  ssize_t got = read(g_fd, g_in, sizeof g_in);
  g_in_at = 0;
  g_in_end = got > 0 ? got : 0;
  return got > 0;
}

static int Fill(unsigned char* to, int size) {
  while (size > 0) {
    if (g_in_at == g_in_end && !Refill()) return 0;
    int held = g_in_end - g_in_at < size ? g_in_end - g_in_at : size;
    memcpy(to, g_in + g_in_at, held);
    g_in_at += held;
    to += held;
    size -= held;
  }
  return 1;
}

int NextFrame(Frame* frame) {
  unsigned char head[kHeadBytes];
  if (!Fill(head, kHeadBytes)) return 0;
  frame->size = Get32(head) - 1;
  frame->operation = head[4];
  frame->body = g_body;
  if (frame->size < 0 || frame->size > kMaxBody) Fail("bad frame");
  return Fill(g_body, frame->size);
}
