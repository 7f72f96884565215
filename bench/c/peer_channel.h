/* One connection of a small node: counts what comes in and looks at none of it. */
#ifndef BENCH_PEER_CHANNEL_H_
#define BENCH_PEER_CHANNEL_H_

typedef struct {
  int fd;
  char pid_node[256];
  unsigned char head[4];
  int head_bytes;     /* of the length in front of each frame */
  unsigned long left; /* bytes of the frame that is coming in */
} PeerChannel;

/* Makes a node of this name and connects it; a handshake of its own, as any node's. */
void OpenPeer(PeerChannel* peer, const char* name, const char* target, const char* cookie);

/* Reads what is there, without waiting, and answers ticks. Returns the messages begun in it. */
long ReadPeer(PeerChannel* peer);

/* Sends `count` times `{data, <<100 bytes>>}` to the name bench_inbox. */
void BlastPeer(const PeerChannel* peer, int count);

#endif /* BENCH_PEER_CHANNEL_H_ */
