// In place of libc's for ei, which is linked into this addon and asks for it at each challenge.
// With glibc that reads files and then asks name servers for the machine's own name, which may take
// longer than any deadline of ours, and cannot be cancelled.

// NOLINTBEGIN(readability-identifier-naming): the name is libc's
extern "C" __attribute__((visibility("hidden"))) long gethostid();

extern "C" long gethostid() {
  return 0;
}
// NOLINTEND(readability-identifier-naming)
