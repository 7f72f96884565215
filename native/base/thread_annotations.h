// Clang's thread-safety annotations; nothing elsewhere. The CMake build checks them with clang.
#pragma once

#if defined(__clang__)
#define BEAMLINK_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define BEAMLINK_THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(x) BEAMLINK_THREAD_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY BEAMLINK_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) BEAMLINK_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) BEAMLINK_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) BEAMLINK_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) BEAMLINK_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
