#include "coordinator/api/http/caller_slots.h"

#include <memory>
#include <optional>
#include <string>

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
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  const auto third = slots.Take(WithToken("", "10.0.0.1"));
  ASSERT_TRUE(third.ok()) << "who has no token is an address";
  EXPECT_EQ(slots.Take(WithToken("", "10.0.0.9")).status().message(),
            "zips: at most 3 at once; come back when one has ended");
  first->reset();
  EXPECT_TRUE(slots.Take(WithToken("", "10.0.0.9")).ok());
}

TEST(CallerSlotsTest, ASlotMayOutliveThem) {
  std::optional<CallerSlots> slots(std::in_place, "zips", 1, 1);
  auto slot = slots->Take(Caller());
  slots.reset();
  EXPECT_TRUE(slot.ok());
  slot->reset();
}

}  // namespace
}  // namespace atelier
