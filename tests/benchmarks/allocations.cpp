#include "tests/benchmarks/allocations.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace benchmarks {

namespace {
// The benchmarks have one thread.
bool counting = false;
Allocations counted;
}  // namespace

void start_counting() {
  counted = {};
  counting = true;
}

Allocations stop_counting() {
  counting = false;
  return counted;
}

namespace {

void* allocate(std::size_t size) {
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  if (counting) {
    counted.live_bytes += static_cast<std::int64_t>(malloc_usable_size(block));
    counted.peak_bytes = std::max(counted.peak_bytes, counted.live_bytes);
    ++counted.count;
  }
  return block;
}

void release(void* block) {
  if (counting && block != nullptr) {
    counted.live_bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
  }
  std::free(block);
}

}  // namespace
}  // namespace benchmarks

void* operator new(std::size_t size) { return benchmarks::allocate(size); }
void* operator new[](std::size_t size) { return benchmarks::allocate(size); }
void operator delete(void* block) noexcept { benchmarks::release(block); }
void operator delete[](void* block) noexcept { benchmarks::release(block); }
void operator delete(void* block, std::size_t) noexcept { benchmarks::release(block); }
void operator delete[](void* block, std::size_t) noexcept { benchmarks::release(block); }
