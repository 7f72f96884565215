/* Frames on one blocking socket: <<Length:32, Operation, Body/binary>>.
 * Reads go through a buffer; small frames are gathered and written before the next blocking read.
 */
#ifndef BENCH_FRAMES_H_
#define BENCH_FRAMES_H_

enum { kMaxBody = 65536 };

typedef struct {
  char operation;
  int size;
  const unsigned char* body; /* valid until the next NextFrame */
} Frame;

unsigned Get32(const unsigned char* from);
void Put32(unsigned char* to, unsigned value);

/* Reads and writes go to `fd` from now on; what was buffered is forgotten. */
void UseSocket(int fd);

/* Both return 0 when the connection has ended. */
int NextFrame(Frame* frame);
int PutFrame(char operation, const void* body, int size);

#endif /* BENCH_FRAMES_H_ */
