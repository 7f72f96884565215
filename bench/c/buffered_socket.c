#include "buffered_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kInBytes = 1 << 18, kOutBytes = 1 << 17 };

typedef struct {
  int fd;
  int handshaking;
  int in_at, in_end;
  int out_end;
  char in[kInBytes];
  char out[kOutBytes];
} Socket;

/* Of the packet 'N' that carries the name: <<Length:16, $N, Flags:64, ...>>. */
enum { kKindAt = 2, kFlagsAt = 3, kFlagBytes = 8 };

static unsigned long long g_flags;

void AddHandshakeFlags(unsigned long long flags) {
  g_flags |= flags;
}

static void AddFlags(char* packet, ssize_t length) {
  if (length < kFlagsAt + kFlagBytes || packet[kKindAt] != 'N') return;
  for (int k = 0; k < kFlagBytes; k++)
    packet[kFlagsAt + k] |= (char)(g_flags >> 8 * (kFlagBytes - 1 - k));
}

static int Flush(Socket* s) {
  int at = 0;
  while (at < s->out_end) {
    ssize_t written = write(s->fd, s->out + at, s->out_end - at);
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) at += written;
  }
  s->out_end = 0;
  return 0;
}

static int Open(void** context, void* setup) {
  (void)setup;
  Socket* s = calloc(1, sizeof *s);
  if (s == NULL) return ENOMEM;
  s->handshaking = 1;
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  *context = s;
  return s->fd < 0 ? errno : 0;
}

static int Close(void* context) {
  Socket* s = context;
  int failed = close(s->fd);
  free(s);
  return failed ? errno : 0;
}

static int Connect(void* context, void* address, int length, unsigned timeout) {
  (void)timeout;
  Socket* s = context;
  int one = 1;
  if (connect(s->fd, address, length)) return errno;
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return 0;
}

static int Write(void* context, const char* bytes, ssize_t* length, unsigned timeout) {
  (void)timeout;
  Socket* s = context;
  if (s->out_end + *length > kOutBytes) {
    int failed = Flush(s);
    if (failed) return failed;
  }
  if (*length > kOutBytes) {
    ssize_t written = write(s->fd, bytes, *length);
    if (written < 0) return errno;
    *length = written;
    return 0;
  }
  memcpy(s->out + s->out_end, bytes, *length);
  if (s->handshaking) AddFlags(s->out + s->out_end, *length);
  s->out_end += *length;
  return s->handshaking ? Flush(s) : 0;
}

static int WriteVector(void* context, const void* vector, int count, ssize_t* length,
                       unsigned timeout) {
  const struct iovec* parts = vector;
  ssize_t total = 0;
  for (int k = 0; k < count; k++) {
    ssize_t written = parts[k].iov_len;
    int failed = Write(context, parts[k].iov_base, &written, timeout);
    if (failed) return failed;
    total += written;
    if (written != (ssize_t)parts[k].iov_len) break;
  }
  *length = total;
  return 0;
}

static int ReadSome(Socket* s, char* to, ssize_t room, ssize_t* got) {
  do {
    *got = read(s->fd, to, room);
  } while (*got < 0 && errno == EINTR);
  return *got < 0 ? errno : 0;
}

static int Read(void* context, char* to, ssize_t* length, unsigned timeout) {
  (void)timeout;
  Socket* s = context;
  if (s->in_at == s->in_end) {
    ssize_t got;
    int failed = Flush(s);
    if (failed) return failed;
    if (s->handshaking || *length >= kInBytes) return ReadSome(s, to, *length, length);
    failed = ReadSome(s, s->in, kInBytes, &got);
    if (failed) return failed;
    s->in_at = 0;
    s->in_end = got;
  }
  ssize_t held = s->in_end - s->in_at;
  if (*length > held) *length = held;
  memcpy(to, s->in + s->in_at, *length);
  s->in_at += *length;
  return 0;
}

static int HeaderSize(void* context, int* size) {
  (void)context;
  *size = 2;
  return 0;
}

static int HandshakeComplete(void* context) {
  ((Socket*)context)->handshaking = 0;
  return 0;
}

static int Descriptor(void* context, int* fd) {
  *fd = ((Socket*)context)->fd;
  return 0;
}

ei_socket_callbacks* BufferedSocketCallbacks(void) {
  static ei_socket_callbacks callbacks = {.flags = 0,
                                          .socket = Open,
                                          .close = Close,
                                          .connect = Connect,
                                          .writev = WriteVector,
                                          .write = Write,
                                          .read = Read,
                                          .handshake_packet_header_size = HeaderSize,
                                          .connect_handshake_complete = HandshakeComplete,
                                          .accept_handshake_complete = HandshakeComplete,
                                          .get_fd = Descriptor};
  return &callbacks;
}
