// How much memory this program asks for. Linking it replaces operator new.
#ifndef ATELIER_TESTS_FUZZ_ALLOCATION_COUNT_H_
#define ATELIER_TESTS_FUZZ_ALLOCATION_COUNT_H_

#include <cstddef>

namespace atelier {

/// The most bytes that were held at once since this was made, beyond what was
/// held then. For programs of one thread; one at a time.
class AllocationCount {
 public:
  AllocationCount();
  size_t peak_bytes() const;

 private:
  const size_t held_before_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_FUZZ_ALLOCATION_COUNT_H_
