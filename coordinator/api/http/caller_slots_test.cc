#include "coordinator/api/http/caller_slots.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/retry_after.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

Caller WithToken(const std::string& accessor, const std::string& address) {
  Caller caller;
  caller.accessor = accessor;
  caller.address = address;
  return caller;
}

TEST(CallerSlotsTest, OneAtItsBoundTakesNothingFromAnother) {
  CallerSlots slots("zips", /*most=*/3, /*most_of_caller=*/2);
  auto first = slots.Take(WithToken("anna", "10.0.0.1"));
  const auto second = slots.Take(WithToken("anna", "10.0.0.2"));
  ASSERT_TRUE(first.ok() && second.ok());
  const absl::Status refused =
      slots.Take(WithToken("anna", "10.0.0.3")).status();
  EXPECT_EQ(refused.message(),
            "zips: at most 2 of a caller at once; come back when one has "
            "ended");
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  const auto third = slots.Take(WithToken("", "10.0.0.1"));
  ASSERT_TRUE(third.ok()) << "who has no token is an address";
  EXPECT_EQ(slots.taken(), 3);
  const absl::Status full = slots.Take(WithToken("", "10.0.0.9")).status();
  EXPECT_TRUE(absl::IsUnavailable(full)) << full;
  EXPECT_EQ(full.message(),
            "zips: at most 3 at once; come back when one has ended");
  EXPECT_EQ(RetryAfterOf(full), absl::Seconds(1));
  first->reset();
  EXPECT_EQ(slots.taken(), 2);
  EXPECT_TRUE(slots.Take(WithToken("", "10.0.0.9")).ok());
}

TEST(CallerSlotsTest, ASlotMayOutliveThem) {
  std::optional<CallerSlots> slots(std::in_place, "zips", 1, 1);
  auto slot = slots->Take(Caller());
  slots.reset();
  EXPECT_TRUE(slot.ok());
  slot->reset();
}

TEST(CallerSlotsTest, WhoeverEndsWaitsForAllOfThem) {
  CallerSlots slots("zips", 2, 2);
  slots.AwaitNone();
  auto one = slots.Take(Caller());
  auto other = slots.Take(Caller());
  std::atomic<bool> is_free{false};
  std::thread waiter([&] {
    slots.AwaitNone();
    EXPECT_TRUE(is_free);
  });
  one->reset();
  is_free = true;
  other->reset();
  waiter.join();
}

}  // namespace
}  // namespace atelier
