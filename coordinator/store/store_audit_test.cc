// What every store promises of the audit log, run against all of them.
#include <string>
#include <vector>

#include "coordinator/state/audit_record.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AuditRecord Entry(const std::string& action, int at_s = 1) {
  AuditRecord entry;
  entry.at = absl::FromUnixSeconds(at_s);
  entry.action = action;
  return entry;
}

class StoreAuditTest : public StoreContractTest {
 protected:
  absl::Status Append(std::vector<AuditRecord> entries) {
    RowChanges changes;
    changes.audit = std::move(entries);
    return store_->Apply(changes);
  }
  void Trim(const AuditTrim& trim) {
    RowChanges changes;
    changes.audit_trim = trim;
    ASSERT_TRUE(store_->Apply(changes).ok());
  }
  std::vector<AuditRecord> Found(const AuditQuery& query = {},
                                 int limit = 100) {
    return store_->ListAudit(query, limit).value();
  }
  std::vector<std::string> Actions(const AuditQuery& query = {},
                                   int limit = 100) {
    std::vector<std::string> actions;
    for (const AuditRecord& one : Found(query, limit)) {
      actions.push_back(one.action);
    }
    return actions;
  }
};

TEST_P(StoreAuditTest, AnEntryComesBackWhole) {
  EXPECT_THAT(Found(), IsEmpty());
  AuditRecord entry;
  entry.at = absl::FromUnixMicros(1'000'001);
  entry.accessor = "0a1b2c3d4e5f";
  entry.user = "ann";
  entry.address = "10.0.0.7";
  entry.action = "cancel-job";
  entry.job = "j1";
  entry.target = "gpu-1";
  entry.outcome = "NOT_FOUND";
  entry.message = "no job 'j1'\n\xc3\xa9";
  entry.is_refusal = true;
  entry.count = int64_t{1} << 40;
  ASSERT_TRUE(Append({entry}).ok());
  Reopen();
  const AuditRecord found = Found().at(0);
  EXPECT_EQ(found.sequence, 1);
  EXPECT_EQ(found.at, entry.at);
  EXPECT_EQ(found.accessor, entry.accessor);
  EXPECT_EQ(found.user, entry.user);
  EXPECT_EQ(found.address, entry.address);
  EXPECT_EQ(found.action, entry.action);
  EXPECT_EQ(found.job, entry.job);
  EXPECT_EQ(found.target, entry.target);
  EXPECT_EQ(found.outcome, entry.outcome);
  EXPECT_EQ(found.message, entry.message);
  EXPECT_TRUE(found.is_refusal);
  EXPECT_EQ(found.count, entry.count);
}

TEST_P(StoreAuditTest, PagesGoFromTheNewestToTheOldest) {
  ASSERT_TRUE(Append({Entry("a"), Entry("b")}).ok());
  ASSERT_TRUE(Append({Entry("c")}).ok());
  EXPECT_THAT(Actions({}, 2), ElementsAre("c", "b"));
  AuditQuery rest;
  rest.before = Found({}, 2).back().sequence;
  EXPECT_THAT(Actions(rest, 2), ElementsAre("a"));
}

TEST_P(StoreAuditTest, WhatIsAskedForIsFound) {
  AuditRecord anns = Entry("anns", 1);
  anns.user = "ann";
  AuditRecord of_job = Entry("of_job", 2);
  of_job.user = "ann";
  of_job.job = "j1";
  AuditRecord bobs = Entry("bobs", 3);
  bobs.user = "bob";
  bobs.job = "j1";
  ASSERT_TRUE(Append({anns, of_job, bobs, Entry("nobodys", 4)}).ok());
  AuditQuery ann;
  ann.user = "ann";
  EXPECT_THAT(Actions(ann), ElementsAre("of_job", "anns"));
  AuditQuery job;
  job.job = "j1";
  EXPECT_THAT(Actions(job), ElementsAre("bobs", "of_job"));
  AuditQuery since;
  since.since = absl::FromUnixSeconds(3);
  EXPECT_THAT(Actions(since), ElementsAre("nobodys", "bobs"));
  AuditQuery all;
  all.user = "ann";
  all.job = "j1";
  all.since = absl::FromUnixSeconds(2);
  all.before = 3;
  EXPECT_THAT(Actions(all), ElementsAre("of_job"));
  all.before = 2;
  EXPECT_THAT(Actions(all), IsEmpty());
}

TEST_P(StoreAuditTest, ARefusedTransactionLeavesNoEntry) {
  RowChanges changes;
  changes.audit.push_back(Entry("a"));
  changes.removed_jobs.push_back({JobId("none"), {}});
  EXPECT_FALSE(store_->Apply(changes).ok());
  EXPECT_THAT(Actions(), IsEmpty());
}

TEST_P(StoreAuditTest, TrimmingKeepsTheLastRowsAndTheYoungOnes) {
  ASSERT_TRUE(
      Append({Entry("a", 1), Entry("b", 2), Entry("c", 3), Entry("d", 4)})
          .ok());
  AuditTrim by_rows;
  by_rows.keep_rows = 3;
  Trim(by_rows);
  EXPECT_THAT(Actions(), ElementsAre("d", "c", "b"));
  AuditTrim by_age;
  by_age.keep_rows = 100;
  by_age.before = absl::FromUnixSeconds(3);
  Trim(by_age);
  EXPECT_THAT(Actions(), ElementsAre("d", "c")) << "one of that age stays";
}

TEST_P(StoreAuditTest, TrimmingRefusalsLeavesTheChanges) {
  AuditRecord refusal = Entry("refused");
  refusal.is_refusal = true;
  AuditRecord last = Entry("last refused");
  last.is_refusal = true;
  ASSERT_TRUE(
      Append({Entry("a"), refusal, refusal, Entry("b"), last, Entry("c")})
          .ok());
  AuditTrim trim;
  trim.keep_rows = 100;
  trim.keep_refusals = 1;
  Trim(trim);
  EXPECT_THAT(Actions(), ElementsAre("c", "last refused", "b", "a"));
  trim.keep_refusals = 0;
  Trim(trim);
  EXPECT_THAT(Actions(), ElementsAre("c", "b", "a"));
}

TEST_P(StoreAuditTest, ASequenceIsNeverGivenTwice) {
  ASSERT_TRUE(Append({Entry("a"), Entry("b")}).ok());
  Trim(AuditTrim());
  EXPECT_THAT(Actions(), IsEmpty());
  Reopen();
  ASSERT_TRUE(Append({Entry("c")}).ok());
  EXPECT_EQ(Found().at(0).sequence, 3);
}

TEST(RowChangesTest, EntriesOfTheAuditLogCountAsRows) {
  RowChanges changes;
  changes.audit = {Entry("a"), Entry("b")};
  changes.audit_trim = AuditTrim();
  EXPECT_EQ(changes.size(), 3);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreAuditTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
