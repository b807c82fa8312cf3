#include "coordinator/access/admission_control.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

constexpr char kHere[] = "ipv4:10.0.0.7";

Caller WithToken(Role role, const std::string& accessor) {
  Caller caller;
  caller.roles = {role};
  caller.accessor = accessor;
  return caller;
}

class AdmissionControlTest : public ::testing::Test {
 protected:
  AdmissionControlTest() {
    options_.limits.requests_per_second = 1;
    options_.limits.burst = absl::Seconds(1);
    options_.max_waiting = 3;
  }
  AdmissionControl& admission() {
    if (!admission_.has_value()) admission_.emplace(clock_, options_);
    return *admission_;
  }
  bool Admits(const Caller& caller, const std::string& address) {
    return admission().Admit(caller, address, CallKind::kShort).caller.ok();
  }
  // Whether its answer has come, once it has.
  std::shared_ptr<bool> Fail(const std::string& address = kHere) {
    auto answered = std::make_shared<bool>(false);
    const Admission refused = admission().Admit(
        absl::UnauthenticatedError("who?"), address, CallKind::kShort);
    admission().Refuse(refused, [answered] {
      EXPECT_FALSE(*answered);
      *answered = true;
    });
    return answered;
  }
  void UseUpPatience() {
    for (int i = 0; i < FailedCallers::kAtOnce; ++i) EXPECT_TRUE(*Fail()) << i;
  }

  FakeClock clock_{absl::UnixEpoch() + absl::Hours(1)};
  AdmissionOptions options_;
  std::optional<AdmissionControl> admission_;
};

TEST_F(AdmissionControlTest, ATokenCountsWhereverItComesFrom) {
  const Caller anna = WithToken(Role::kSubmit, "a1");
  EXPECT_TRUE(Admits(anna, kHere));
  EXPECT_FALSE(Admits(anna, "ipv4:10.0.0.8"));
  EXPECT_TRUE(Admits(WithToken(Role::kSubmit, "b2"), kHere));
}

TEST_F(AdmissionControlTest, AFleetsTokenCountsByAddress) {
  const Caller fleet = WithToken(Role::kWork, "f1");
  EXPECT_TRUE(Admits(fleet, kHere));
  EXPECT_TRUE(Admits(fleet, "ipv4:10.0.0.8"));
  EXPECT_FALSE(Admits(fleet, kHere));
}

TEST_F(AdmissionControlTest, WithoutATokenTheAddressCounts) {
  EXPECT_TRUE(Admits(AnonymousAdmin(), kHere));
  EXPECT_FALSE(Admits(AnonymousAdmin(), kHere));
  EXPECT_TRUE(Admits(AnonymousAdmin(), "ipv4:10.0.0.8"));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Admits(AnonymousAdmin(), ""));
}

TEST_F(AdmissionControlTest, WhoeverFailsOftenIsAnsweredLater) {
  UseUpPatience();
  const auto answered = Fail();
  EXPECT_FALSE(*answered);
  clock_.Advance(FailedCallers::kFirstWait - absl::Nanoseconds(1));
  admission().Tick();
  EXPECT_FALSE(*answered);
  clock_.Advance(absl::Nanoseconds(1));
  admission().Tick();
  EXPECT_TRUE(*answered);
  admission().Tick();
}

TEST_F(AdmissionControlTest, AValidTokenFromThereIsAdmittedAtOnce) {
  for (int i = 0; i < 100; ++i) Fail();
  const Admission in =
      admission().Admit(WithToken(Role::kRead, "a1"), kHere, CallKind::kShort);
  EXPECT_TRUE(in.caller.ok());
  EXPECT_LE(in.answer_at, clock_.Now());
}

TEST_F(AdmissionControlTest, OtherAddressesAreAnsweredAtOnce) {
  for (int i = 0; i < 100; ++i) Fail();
  EXPECT_TRUE(*Fail("ipv4:10.0.0.8"));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(*Fail(""));
}

TEST_F(AdmissionControlTest, OneIpv6NetworkIsOne) {
  for (int i = 0; i < FailedCallers::kAtOnce; ++i) {
    EXPECT_TRUE(*Fail(absl::StrCat("ipv6:%5B2001:db8::", i, "%5D")));
  }
  EXPECT_FALSE(*Fail("ipv6:%5B2001:db8::ff%5D"));
}

TEST_F(AdmissionControlTest, BeyondTheMostThatWaitTheNextIsAnsweredAtOnce) {
  UseUpPatience();
  std::vector<std::shared_ptr<bool>> waiting;
  for (int i = 0; i < options_.max_waiting; ++i) waiting.push_back(Fail());
  for (const auto& answered : waiting) EXPECT_FALSE(*answered);
  EXPECT_TRUE(*Fail());
  admission().Stop();
  for (const auto& answered : waiting) EXPECT_TRUE(*answered);
  EXPECT_TRUE(*Fail());
}

TEST_F(AdmissionControlTest, AnErrorThatIsNoFailureIsAnsweredAtOnce) {
  int denied = 0;
  options_.on_unauthenticated = [&](const std::string&, const absl::Status&) {
    ++denied;
  };
  for (int i = 0; i < 100; ++i) {
    EXPECT_LE(
        admission()
            .Admit(absl::UnavailableError("starting"), kHere, CallKind::kShort)
            .answer_at,
        clock_.Now());
  }
  EXPECT_EQ(denied, 0);
}

TEST_F(AdmissionControlTest, FailuresAreReportedWithTheirAddress) {
  std::vector<std::string> heard;
  options_.on_unauthenticated = [&](const std::string& address,
                                    const absl::Status& why) {
    heard.push_back(absl::StrCat(address, " ", why.message()));
  };
  Fail();
  Admits(WithToken(Role::kRead, "a1"), kHere);
  EXPECT_THAT(heard, ElementsAre("ipv4:10.0.0.7 who?"));
}

}  // namespace
}  // namespace atelier
