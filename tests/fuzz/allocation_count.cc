#include "tests/fuzz/allocation_count.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

size_t held_bytes = 0;
size_t peak_bytes = 0;

void* Allocate(size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  held_bytes += malloc_usable_size(memory);
  peak_bytes = std::max(peak_bytes, held_bytes);
  return memory;
}

void Release(void* memory) {
  if (memory == nullptr) return;
  held_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete[](void* memory) noexcept { Release(memory); }
void operator delete(void* memory, size_t) noexcept { Release(memory); }
void operator delete[](void* memory, size_t) noexcept { Release(memory); }

namespace atelier {

AllocationCount::AllocationCount() : held_before_(held_bytes) {
  ::peak_bytes = held_bytes;
}

size_t AllocationCount::peak_bytes() const {
  return ::peak_bytes - std::min(::peak_bytes, held_before_);
}

}  // namespace atelier
