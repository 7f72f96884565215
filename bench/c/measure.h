/* Clocks, and the one-line JSON answers that every C program here gives. */
#ifndef BENCH_MEASURE_H_
#define BENCH_MEASURE_H_

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { kMaxLatencies = 1 << 20 };

static double g_latencies[kMaxLatencies];

static inline double NowUs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Ends the program: an answer after a failed operation would be about nothing. */
static inline void Fail(const char* why) {
  printf("{\"error\":\"%s\"}\n", why);
  fflush(stdout);
  exit(1);
}

static inline void ReportRate(long count, double us) {
  printf("{\"ops\":%.1f,\"n\":%ld}\n", count * 1e6 / us, count);
  fflush(stdout);
}

static inline int CompareLatencies(const void* x, const void* y) {
  double difference = *(const double*)x - *(const double*)y;
  return difference < 0 ? -1 : difference > 0;
}

/* Runs `step` one at a time for `us` microseconds and reports median, 99th percentile and rate. */
static inline void MeasureLatency(void (*step)(void), double us) {
  double start = NowUs(), last = start;
  long count = 0;
  do {
    step();
    double now = NowUs();
    g_latencies[count++] = now - last;
    last = now;
  } while (last - start < us && count < kMaxLatencies);
  qsort(g_latencies, count, sizeof *g_latencies, CompareLatencies);
  printf("{\"p50\":%.3f,\"p99\":%.3f,\"ops\":%.1f,\"n\":%ld}\n", g_latencies[count / 2],
         g_latencies[count * 99 / 100], count * 1e6 / (last - start), count);
  fflush(stdout);
}

#endif /* BENCH_MEASURE_H_ */
