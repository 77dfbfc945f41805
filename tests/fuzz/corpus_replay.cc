// Runs a fuzz target over its corpus: the main() of a target in ordinary builds, so that every seed
// and every input that once broke something is tried again by the test suite.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// Prefixes of an input are what a truncated datagram looks like; they cost next to nothing.
void RunWithEveryPrefix(const std::vector<uint8_t>& input) {
  for (size_t size = 0; size <= input.size(); ++size) {
    // A fresh block of exactly this size, so that a sanitizer sees a read past its end.
    const std::vector<uint8_t> prefix(input.begin(),
                                      input.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(prefix.data(), prefix.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<uint8_t> input{std::istreambuf_iterator<char>(file),
                                     std::istreambuf_iterator<char>()};
    RunWithEveryPrefix(input);
    ++inputs;
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;  // an empty folder tests nothing
}
