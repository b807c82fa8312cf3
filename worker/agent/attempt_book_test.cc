#include "worker/agent/attempt_book.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/agent/report_sifter.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::AttemptToken Token(int number) {
  v1::AttemptToken token;
  token.set_render_key(std::string(64, 'a'));
  token.set_number(number);
  token.set_epoch(1);
  return token;
}

v1::SynchronizeResponse Start(int number) {
  v1::SynchronizeResponse response;
  *response.add_start()->mutable_token() = Token(number);
  return response;
}

v1::SynchronizeResponse StopOf(int number) {
  v1::SynchronizeResponse response;
  *response.add_stop() = Token(number);
  return response;
}

v1::SynchronizeResponse AnswerTo(int number) {
  v1::SynchronizeResponse response;
  auto* answer = response.add_acknowledged();
  *answer->mutable_token() = Token(number);
  answer->set_disposition(v1::DISPOSITION_COMMITTED);
  return response;
}

v1::AttemptReport Report(int number, v1::Outcome outcome) {
  v1::AttemptReport report;
  *report.mutable_token() = Token(number);
  report.set_outcome(outcome);
  return report;
}

v1::SynchronizeRequest Describe(const AttemptBook& book) {
  v1::SynchronizeRequest request;
  book.Describe(&request, ReportSifter::kMostTogether);
  return request;
}

TEST(AttemptBookTest, ReportsThatDoNotFitKeepTheirLeases) {
  AttemptBook book(4);
  book.Learn(Start(1));
  for (int number : {2, 3, 4}) {
    book.AddUnreported(Report(number, v1::OUTCOME_SUCCEEDED));
  }
  v1::SynchronizeRequest request;
  book.Describe(&request, /*most_reports=*/1);
  ASSERT_THAT(request.finished(), SizeIs(1));
  EXPECT_EQ(request.finished(0).token().number(), 2);
  ASSERT_THAT(request.running(), SizeIs(3));
  EXPECT_EQ(request.running(0).token().number(), 1);
  EXPECT_EQ(request.running(1).token().number(), 3);
  book.DropReport(Token(2));
  EXPECT_EQ(book.unreported(), 2);
}

TEST(AttemptBookTest, StartsNothingThatHasNoToken) {
  AttemptBook book(4);
  v1::SynchronizeResponse response = Start(1);
  response.mutable_start(0)->mutable_token()->set_render_key("../up");
  *response.add_start()->mutable_token() = Token(0);
  const AttemptBook::Orders orders = book.Learn(response);
  EXPECT_THAT(orders.start, IsEmpty());
  EXPECT_FALSE(orders.handed_back);
  EXPECT_EQ(book.running(), 0);
}

TEST(AttemptBookTest, StartsAnAssignmentOnceHoweverOftenItComes) {
  AttemptBook book(2);
  EXPECT_THAT(book.Learn(Start(1)).start, SizeIs(1));
  EXPECT_THAT(book.Learn(Start(1)).start, IsEmpty());
  EXPECT_EQ(book.running(), 1);

  book.Finish(Report(1, v1::OUTCOME_SUCCEEDED));
  EXPECT_THAT(book.Learn(Start(1)).start, IsEmpty());
  EXPECT_EQ(Describe(book).finished(0).outcome(), v1::OUTCOME_SUCCEEDED);
}

TEST(AttemptBookTest, SaysHowFarItIs) {
  AttemptBook book(1);
  book.Learn(Start(1));
  EXPECT_EQ(Describe(book).running(0).iteration(), 0);
  v1::AttemptProgress progress;
  *progress.mutable_token() = Token(1);
  progress.set_iteration(7);
  progress.mutable_losses()->set_total(3.5);
  book.SetProgress(progress);
  EXPECT_EQ(Describe(book).running(0).iteration(), 7);
  EXPECT_EQ(Describe(book).running(0).losses().total(), 3.5);
}

TEST(AttemptBookTest, RepeatsAReportUntilItIsAnswered) {
  AttemptBook book(1);
  book.Learn(Start(1));
  EXPECT_TRUE(book.Finish(Report(1, v1::OUTCOME_DIVERGED)));
  EXPECT_THAT(Describe(book).finished(), SizeIs(1));
  EXPECT_THAT(Describe(book).finished(), SizeIs(1));
  EXPECT_THAT(Describe(book).running(), IsEmpty());

  EXPECT_THAT(book.Learn(AnswerTo(1)).forget, SizeIs(1));
  EXPECT_THAT(Describe(book).finished(), IsEmpty());
  EXPECT_THAT(book.Learn(AnswerTo(1)).forget, IsEmpty());
}

TEST(AttemptBookTest, ReportsNothingOfAnAttemptThatWasToStop) {
  AttemptBook book(1);
  book.Learn(Start(1));
  EXPECT_THAT(book.Learn(StopOf(1)).stop, SizeIs(1));
  EXPECT_THAT(book.Learn(StopOf(1)).stop, IsEmpty());
  // Its slot is not free before it has ended.
  EXPECT_THAT(Describe(book).running(), SizeIs(1));

  EXPECT_FALSE(book.Finish(Report(1, v1::OUTCOME_SUCCEEDED)));
  EXPECT_THAT(Describe(book).running(), IsEmpty());
  EXPECT_THAT(Describe(book).finished(), IsEmpty());
}

TEST(AttemptBookTest, KeepsAReportThoughToldToStopAfterTheEnd) {
  AttemptBook book(1);
  book.Learn(Start(1));
  book.Finish(Report(1, v1::OUTCOME_SUCCEEDED));
  EXPECT_THAT(book.Learn(StopOf(1)).stop, IsEmpty());
  EXPECT_THAT(Describe(book).finished(), SizeIs(1));
}

TEST(AttemptBookTest, HandsBackWhatHasNoSlot) {
  AttemptBook book(1);
  book.Learn(Start(1));
  const AttemptBook::Orders orders = book.Learn(Start(2));
  EXPECT_THAT(orders.start, IsEmpty());
  EXPECT_TRUE(orders.handed_back);
  const v1::SynchronizeRequest request = Describe(book);
  ASSERT_THAT(request.finished(), SizeIs(1));
  EXPECT_EQ(request.finished(0).token().number(), 2);
  EXPECT_EQ(request.finished(0).outcome(), v1::OUTCOME_PREEMPTED);
}

TEST(AttemptBookTest, DrainingFinishesButTakesNothing) {
  AttemptBook book(2);
  book.Learn(Start(1));
  v1::SynchronizeResponse drain;
  drain.set_drain(true);
  book.Learn(drain);
  EXPECT_TRUE(Describe(book).draining());
  EXPECT_THAT(Describe(book).running(), SizeIs(1));

  EXPECT_THAT(book.Learn(Start(2)).start, IsEmpty());
  EXPECT_EQ(Describe(book).finished(0).outcome(), v1::OUTCOME_PREEMPTED);
  // An answer that does not say so again does not end it.
  EXPECT_TRUE(book.draining());
}

TEST(AttemptBookTest, HandsBackWhatStillRuns) {
  AttemptBook book(2);
  book.Learn(Start(1));
  book.Learn(Start(2));
  book.Learn(StopOf(2));
  EXPECT_THAT(book.HandBack(), SizeIs(1));
  EXPECT_EQ(book.running(), 0);
  // The render came to its end after all: what was said stands.
  EXPECT_TRUE(book.Finish(Report(1, v1::OUTCOME_SUCCEEDED)));
  ASSERT_THAT(Describe(book).finished(), SizeIs(1));
  EXPECT_EQ(Describe(book).finished(0).outcome(), v1::OUTCOME_PREEMPTED);
}

TEST(AttemptBookTest, SendsWhatAnEarlierProcessCouldNot) {
  AttemptBook book(1);
  book.AddUnreported(Report(9, v1::OUTCOME_SUCCEEDED));
  ASSERT_THAT(Describe(book).finished(), SizeIs(1));
  EXPECT_THAT(book.Learn(AnswerTo(9)).forget, SizeIs(1));
}

}  // namespace
}  // namespace atelier
