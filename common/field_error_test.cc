#include "common/field_error.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(FieldErrorTest, SaysTheFieldInTheMessageAndAsData) {
  const absl::Status status = FieldError("bits", "12 is not allowed: 8 or 16");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "bits: 12 is not allowed: 8 or 16");
  EXPECT_EQ(FieldOf(status), "bits");
}

TEST(FieldErrorTest, IsRenamedWhateverTheFieldIsCalled) {
  const absl::Status status = FieldError("a: b", "is wrong");
  const absl::Status renamed = RenamedField(status, "spec.c");
  EXPECT_EQ(renamed.message(), "spec.c: is wrong");
  EXPECT_EQ(FieldOf(renamed), "spec.c");
}

TEST(FieldErrorTest, AnotherStatusHasNoFieldAndKeepsItsName) {
  const absl::Status status = absl::NotFoundError("job: is gone");
  EXPECT_EQ(FieldOf(status), "");
  EXPECT_EQ(RenamedField(status, "x"), status);
  EXPECT_EQ(FieldOf(absl::OkStatus()), "");
}

}  // namespace
}  // namespace atelier
