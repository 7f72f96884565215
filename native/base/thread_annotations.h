// Clang's thread-safety annotations; nothing elsewhere. The CMake build checks them with clang.
#pragma once

#if defined(__clang__)
#define BEAMLINK_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define BEAMLINK_THREAD_ANNOTATION(x)
#endif

#define GUARDED_BY(x) BEAMLINK_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) BEAMLINK_THREAD_ANNOTATION(exclusive_locks_required(__VA_ARGS__))
