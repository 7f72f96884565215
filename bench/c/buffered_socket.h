/* Socket callbacks for ei that read through a buffer and gather writes. */
#ifndef BENCH_BUFFERED_SOCKET_H_
#define BENCH_BUFFERED_SOCKET_H_

#include <ei.h>

/* Writes wait until the program is about to block in a read. The handshake is not buffered. */
ei_socket_callbacks* BufferedSocketCallbacks(void);

/* Capability flags to announce beside those of ei, in handshakes from now on. */
void AddHandshakeFlags(unsigned long long flags);

#endif /* BENCH_BUFFERED_SOCKET_H_ */
