#include "worker/agent/report_sifter.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Verdict = ReportSifter::Verdict;

// A coordinator that refuses a whole call for one bad report in it.
struct Delivery {
  std::vector<int> taken;
  std::vector<int> dropped;
  int calls = 0;
};
Delivery Deliver(std::vector<int> reports, const std::set<int>& bad) {
  ReportSifter sifter;
  Delivery delivery;
  while (!reports.empty() && delivery.calls < 1000) {
    ++delivery.calls;
    const size_t count =
        std::min<size_t>(reports.size(), sifter.most_reports());
    const std::vector<int> sent(reports.begin(), reports.begin() + count);
    bool refused = false;
    for (int report : sent) refused = refused || bad.count(report) > 0;
    if (!refused) {
      delivery.taken.insert(delivery.taken.end(), sent.begin(), sent.end());
      reports.erase(reports.begin(), reports.begin() + count);
      sifter.Answered(static_cast<int>(reports.size()));
    } else if (sifter.Refused(static_cast<int>(count)) ==
               Verdict::kReportIsBad) {
      delivery.dropped.push_back(sent.front());
      reports.erase(reports.begin());
      sifter.Answered(static_cast<int>(reports.size()));
    }
  }
  EXPECT_FALSE(sifter.suspicious());
  return delivery;
}

TEST(ReportSifterTest, SendsAllTogetherWhileNothingIsRefused) {
  const Delivery delivery = Deliver({1, 2, 3}, {});
  EXPECT_THAT(delivery.taken, ElementsAre(1, 2, 3));
  EXPECT_EQ(delivery.calls, 1);
}

TEST(ReportSifterTest, DropsTheBadOnesAlone) {
  EXPECT_THAT(Deliver({1, 2, 3, 4}, {3}).taken, ElementsAre(1, 2, 4));
  EXPECT_THAT(Deliver({1, 2, 3, 4}, {3}).dropped, ElementsAre(3));
  EXPECT_THAT(Deliver({1, 2, 3, 4}, {1, 4}).taken, ElementsAre(2, 3));
  EXPECT_THAT(Deliver({7}, {7}).dropped, ElementsAre(7));
  EXPECT_THAT(Deliver({7, 8}, {7, 8}).taken, IsEmpty());
}

TEST(ReportSifterTest, BoundsACall) {
  std::vector<int> many;
  for (int i = 0; i < 3 * ReportSifter::kMostTogether; ++i) many.push_back(i);
  EXPECT_EQ(Deliver(many, {}).calls, 3);
}

TEST(ReportSifterTest, AWorkerThatIsRefusedWithoutAnyReportIsBadItself) {
  ReportSifter sifter;
  EXPECT_EQ(sifter.Refused(0), Verdict::kWorkerIsBad);
  EXPECT_EQ(sifter.Refused(2), Verdict::kTryAgain);
  EXPECT_EQ(sifter.most_reports(), 0);
  EXPECT_EQ(sifter.Refused(0), Verdict::kWorkerIsBad);
}

TEST(ReportSifterTest, NoReportIsBlamedBeforeTheWorkerIsKnownToBeFine) {
  ReportSifter sifter;
  EXPECT_EQ(sifter.Refused(1), Verdict::kTryAgain);
  sifter.Answered(1);
  EXPECT_EQ(sifter.most_reports(), 1);
  EXPECT_EQ(sifter.Refused(1), Verdict::kReportIsBad);
}

}  // namespace
}  // namespace atelier
