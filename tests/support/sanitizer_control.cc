// Does wrong what its argument says, so that a test sees whether the sanitizers report it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <thread>
#include <vector>

namespace {

// Keeps the optimizer from knowing a value.
template <typename T>
T Opaque(T value) {
  const volatile T copy = value;
  return copy;
}

void Leak() {
  // The first one may be found by what is left of it on the stack.
  for (int i = 0; i < 100; ++i) {
    auto* lost = new std::vector<uint8_t>(1000);
    lost->front() = 1;
  }
}

void Overflow() {
  // Whose size the compiler could tell: then it is undefined behaviour that is reported.
  auto* bytes = Opaque(new uint8_t[10]);
  bytes[Opaque(10)] = 1;
  std::printf("%d\n", bytes[Opaque(10)]);
  delete[] bytes;
}

void Undefined() { std::printf("%d\n", std::numeric_limits<int>::max() + Opaque(1)); }

void Index() {
  std::vector<int> numbers;
  numbers.reserve(10);
  std::printf("%d\n", numbers[Opaque(size_t{5})]);
}

void Race() {
  int value = 0;
  std::thread other([&value] { ++value; });
  ++value;
  other.join();
  std::printf("%d\n", value);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "leak") Leak();
  if (what == "overflow") Overflow();
  if (what == "undefined") Undefined();
  if (what == "index") Index();
  if (what == "race") Race();
  return 0;
}
