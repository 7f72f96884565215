#include "peer_channel.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ei.h>

#include "measure.h"

enum {
  kSmall = 100,
  kReadBytes = 1 << 18,
  kWriteBytes = 1 << 16,
  kPassThrough = 112,
  kRegSend = 6
};

void OpenPeer(PeerChannel* peer, const char* name, const char* target, const char* cookie) {
  ei_cnode node;
  struct in_addr address;
  char alive[256];
  memset(peer, 0, sizeof *peer);
  snprintf(alive, sizeof alive, "%s", name);
  char* host = strchr(alive, '@');
  if (host == NULL) Fail("NODE needs a host");
  *host++ = 0;
  address.s_addr = inet_addr(host);
  if (ei_connect_xinit(&node, host, alive, name, &address, cookie, 1) < 0) Fail("init");
  peer->fd = ei_connect(&node, (char*)target);
  if (peer->fd < 0) Fail("connect");
  snprintf(peer->pid_node, sizeof peer->pid_node, "%s", name);
}

static void WriteAll(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written <= 0) Fail("write");
    bytes += written;
    size -= (size_t)written;
  }
}

/* A frame has begun: a tick when it is empty, which wants one back. */
static int BeginFrame(PeerChannel* peer) {
  const unsigned char* head = peer->head;
  peer->head_bytes = 0;
  peer->left = (unsigned long)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
  if (peer->left > 0) return 1;
  WriteAll(peer->fd, "\0\0\0\0", 4);
  return 0;
}

long ReadPeer(PeerChannel* peer) {
  static unsigned char bytes[kReadBytes];
  ssize_t got = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  long frames = 0;
  if (got == 0) Fail("the node has hung up");
  for (ssize_t at = 0; at < got;) {
    if (peer->left > 0) {
      unsigned long rest = (unsigned long)(got - at);
      unsigned long part = peer->left < rest ? peer->left : rest;
      peer->left -= part;
      at += (ssize_t)part;
      continue;
    }
    peer->head[peer->head_bytes++] = bytes[at++];
    if (peer->head_bytes == 4) frames += BeginFrame(peer);
  }
  return frames;
}

/* {6, Pid, '', bench_inbox} and {data, <<100 bytes>>}, with the length in front. */
static int MakeFrame(const PeerChannel* peer, char* frame) {
  char payload[kSmall];
  erlang_pid pid;
  int index = 5;
  memset(payload, 'x', sizeof payload);
  memset(&pid, 0, sizeof pid);
  snprintf(pid.node, sizeof pid.node, "%s", peer->pid_node);
  pid.num = 1;
  pid.creation = 1;
  frame[4] = kPassThrough;
  ei_encode_version(frame, &index);
  ei_encode_tuple_header(frame, &index, 4);
  ei_encode_long(frame, &index, kRegSend);
  ei_encode_pid(frame, &index, &pid);
  ei_encode_atom(frame, &index, "");
  ei_encode_atom(frame, &index, "bench_inbox");
  ei_encode_version(frame, &index);
  ei_encode_tuple_header(frame, &index, 2);
  ei_encode_atom(frame, &index, "data");
  ei_encode_binary(frame, &index, payload, kSmall);
  unsigned size = htonl((unsigned)index - 4);
  memcpy(frame, &size, 4);
  return index;
}

void BlastPeer(const PeerChannel* peer, int count) {
  static char frames[kWriteBytes];
  char frame[1024];
  int size = MakeFrame(peer, frame), fits = kWriteBytes / size;
  for (int k = 0; k < fits && k < count; k++)
    memcpy(frames + k * size, frame, (size_t)size);
  for (; count > 0; count -= fits) {
    WriteAll(peer->fd, frames, (size_t)(count < fits ? count : fits) * (size_t)size);
  }
}
