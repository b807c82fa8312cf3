#include "worker/engine/held_pages.h"

#include <dlfcn.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "gtest/gtest.h"

namespace atelier::engine {
namespace {

// Above the size from which jemalloc gives back at once, and below it.
constexpr size_t kLarge = 12 << 20;
constexpr size_t kMedium = 6 << 20;
constexpr size_t kPage = 4096;

struct Free {
  void operator()(void* block) const { std::free(block); }
};
using Block = std::unique_ptr<void, Free>;

// As Torch takes memory for tensors.
Block TouchedBlock(size_t bytes) {
  void* block = nullptr;
  if (posix_memalign(&block, 64, bytes) != 0) std::abort();
  // Volatile, or it is left out, as nothing is read.
  volatile char* const first = static_cast<char*>(block);
  for (size_t i = 0; i < bytes; i += kPage) first[i] = 1;
  return Block(block);
}

int64_t PageFaults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

int64_t FaultsOf(int rounds) {
  const int64_t before = PageFaults();
  for (int round = 0; round < rounds; ++round) {
    const Block large = TouchedBlock(kLarge);
    const Block medium = TouchedBlock(kMedium);
  }
  return PageFaults() - before;
}

constexpr int64_t kLargePages = kLarge / kPage;

class HeldPagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (dlsym(RTLD_DEFAULT, "mallctl") == nullptr) {
      GTEST_SKIP() << "NOT TESTED: memory is not jemalloc's";
    }
    FaultsOf(1);  // What gives large blocks is made with the first of them.
  }
};

TEST_F(HeldPagesTest, AreTouchedForTheFirstTimeOnce) {
  EXPECT_GE(FaultsOf(20), 20 * kLargePages) << "nothing is to be held";
  const HeldPages held;
  FaultsOf(1);
  EXPECT_LT(FaultsOf(20), kLargePages / 10);
}

TEST_F(HeldPagesTest, GoBackWithTheLastHolder) {
  std::optional<HeldPages> first(std::in_place);
  std::optional<HeldPages> second(std::in_place);
  FaultsOf(1);
  first.reset();
  EXPECT_LT(FaultsOf(20), kLargePages / 10);
  second.reset();
  EXPECT_GE(FaultsOf(1), (kLarge + kMedium) / kPage);
  EXPECT_GE(FaultsOf(20), 20 * kLargePages) << "it holds on";
}

}  // namespace
}  // namespace atelier::engine
