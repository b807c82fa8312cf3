// Quotas and what is held against them, of every store.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

ArtifactChange Owned(const std::string& digest, int64_t size_bytes,
                     const std::string& owner) {
  ArtifactChange change;
  change.artifact.digest = digest;
  change.artifact.size_bytes = size_bytes;
  change.artifact.owner = owner;
  return change;
}

class StoreQuotasTest : public StoreContractTest {
 protected:
  std::vector<QuotaRecord> Quotas() { return store_->ListQuotas().value(); }
  std::map<std::string, int64_t> Sums() {
    return store_->SumArtifacts().value();
  }
};

TEST_P(StoreQuotasTest, AQuotaComesBackWhole) {
  EXPECT_THAT(Quotas(), IsEmpty());
  const int64_t huge = int64_t{1} << 60;
  ASSERT_EQ(Apply({QuotaChange{{"bob", 1, 0, huge}},
                   QuotaChange{{"ann", {}, 7, {}}}}),
            kOk);
  Reopen();
  const std::vector<QuotaRecord> found = Quotas();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].user, "ann");
  EXPECT_EQ(found[0].max_queued_tasks, std::nullopt);
  EXPECT_EQ(found[0].max_running_tasks, 7);
  EXPECT_EQ(found[0].max_artifact_bytes, std::nullopt);
  EXPECT_EQ(found[1].user, "bob");
  EXPECT_EQ(found[1].max_queued_tasks, 1);
  EXPECT_EQ(found[1].max_running_tasks, 0);
  EXPECT_EQ(found[1].max_artifact_bytes, huge);
}

TEST_P(StoreQuotasTest, ALaterQuotaTakesThePlaceOfTheFirstUntilItIsDropped) {
  ASSERT_EQ(Apply({QuotaChange{{"ann", 1, 2, 3}}}), kOk);
  ASSERT_EQ(Apply({QuotaChange{{"ann", {}, 5, {}}}}), kOk);
  Reopen();
  ASSERT_THAT(Quotas(), SizeIs(1));
  EXPECT_EQ(Quotas()[0].max_queued_tasks, std::nullopt);
  EXPECT_EQ(Quotas()[0].max_running_tasks, 5);
  QuotaChange dropped{{"ann", {}, {}, {}}};
  dropped.keep = false;
  ASSERT_EQ(Apply({dropped, dropped}), kOk);
  Reopen();
  EXPECT_THAT(Quotas(), IsEmpty());
}

TEST_P(StoreQuotasTest, ARefusedTransactionTakesItsQuotasBack) {
  RowChanges changes = Rows({QuotaChange{{"ann", 1, 2, 3}}});
  changes.removed_jobs.push_back({JobId("none"), {}});
  EXPECT_EQ(store_->Apply(changes).code(), kFailedPrecondition);
  EXPECT_THAT(Quotas(), IsEmpty());
}

TEST_P(StoreQuotasTest, ArtifactsAreAddedUpByOwner) {
  EXPECT_THAT(Sums(), IsEmpty());
  ArtifactChange checkpoint = Owned("a", 1000, "ann");
  checkpoint.artifact.kind = ArtifactKind::kCheckpoint;
  ASSERT_EQ(Apply({Owned("a", 1, "ann"), Owned("b", 20, "ann"),
                   Owned("c", 300, "bob"), Owned("d", 5, ""), checkpoint}),
            kOk);
  Reopen();
  EXPECT_THAT(Sums(), ElementsAre(Pair("ann", 1021), Pair("bob", 300)));
  EXPECT_EQ(
      store_->ListArtifacts(ArtifactKind::kArtifact, "", 1).value().at(0).owner,
      "ann");
  ArtifactChange dropped = Owned("c", 0, "");
  dropped.keep = false;
  ASSERT_EQ(Apply({dropped, Owned("b", 30, "bob")}), kOk);
  EXPECT_THAT(Sums(), ElementsAre(Pair("ann", 1001), Pair("bob", 30)));
}

TEST(RowChangesTest, AQuotaCountsAsARow) {
  EXPECT_EQ(Rows({QuotaChange{{"ann", 1, 2, 3}}}).size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreQuotasTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
