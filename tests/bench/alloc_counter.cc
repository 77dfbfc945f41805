// The replacements forward to glibc's own entry points.
#include "alloc_counter.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

extern "C" {
// glibc's names for what malloc and the others would have been.
void* __libc_malloc(size_t size);                      // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(size_t count, size_t size);        // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* pointer, size_t size);      // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(size_t alignment, size_t size);  // NOLINT(bugprone-reserved-identifier)
}

namespace sfu::bench {
namespace {

std::atomic<bool>& Counting() {
  static constinit std::atomic<bool> counting{false};
  return counting;
}

std::atomic<uint64_t>& Counter() {
  static constinit std::atomic<uint64_t> counter{0};
  return counter;
}

void Count() {
  if (Counting().load(std::memory_order_relaxed)) {
    Counter().fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace

void CountAllocations(bool on) { Counting().store(on, std::memory_order_relaxed); }

uint64_t AllocationCount() { return Counter().load(std::memory_order_relaxed); }

}  // namespace sfu::bench

extern "C" {

void* malloc(size_t size) noexcept {
  sfu::bench::Count();
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) noexcept {
  sfu::bench::Count();
  return __libc_calloc(count, size);
}

void* realloc(void* pointer, size_t size) noexcept {
  sfu::bench::Count();
  return __libc_realloc(pointer, size);
}

void* memalign(size_t alignment, size_t size) noexcept {
  sfu::bench::Count();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  sfu::bench::Count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** pointer, size_t alignment, size_t size) noexcept {
  sfu::bench::Count();
  *pointer = __libc_memalign(alignment, size);
  return *pointer == nullptr ? ENOMEM : 0;
}

}  // extern "C"
