// Two threads write one number on purpose, without a lock.
#include <cstdio>
#include <thread>

namespace {

int number = 0;

void Write() {
  for (int i = 0; i < 1000; i++)
    number++;
}

}  // namespace

int main() {
  std::thread one(Write);
  std::thread two(Write);
  one.join();
  two.join();
  std::printf("nobody saw the race (%d)\n", number);
  return 0;
}
