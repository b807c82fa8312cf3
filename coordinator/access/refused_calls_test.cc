#include "coordinator/access/refused_calls.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

TEST(RefusedCallsTest, AFewAreFineAndMoreMustWait) {
  RefusedCalls calls;
  for (int i = 0; i < RefusedCalls::kMostInAWindow; ++i) {
    EXPECT_EQ(calls.Count("a", kStart), std::nullopt);
  }
  EXPECT_EQ(calls.Count("a", kStart), RefusedCalls::kWindow);
  EXPECT_EQ(calls.Count("a", kStart + absl::Seconds(20)), absl::Seconds(40));
  EXPECT_EQ(calls.Count("b", kStart), std::nullopt) << "another address";
  EXPECT_EQ(calls.Count("a", kStart + RefusedCalls::kWindow), std::nullopt);
}

TEST(RefusedCallsTest, AddressesWithoutEndTakeNoMemory) {
  RefusedCalls calls;
  for (int i = 0; i < RefusedCalls::kMostInAWindow; ++i) {
    calls.Count("first", kStart);
  }
  EXPECT_NE(calls.Count("first", kStart), std::nullopt);
  for (int i = 0; i < RefusedCalls::kMostAddresses; ++i) {
    calls.Count(std::to_string(i), kStart);
  }
  EXPECT_EQ(calls.Count("first", kStart), std::nullopt) << "it was forgotten";
}

}  // namespace
}  // namespace atelier
