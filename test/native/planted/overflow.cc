// Counts beyond what an int holds on purpose.
#include <climits>
#include <cstdio>

int main(int argc, char**) {
  // Not known when this is compiled.
  const int sum = INT_MAX - 1 + argc + 1;
  std::printf("nobody saw the overflow (%d)\n", sum);
  return 0;
}
