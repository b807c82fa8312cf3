#include "coordinator/artifacts/artifact_rows.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr absl::Time kNoon = absl::FromUnixSeconds(1'000'000);

// Counts transactions, and can hang in them or refuse them.
class WatchedStore : public InMemoryStore {
 public:
  absl::Status Apply(const RowChanges& changes) override {
    absl::MutexLock lock(&mutex_);
    ++begun_;
    const auto goes_on = [this] { return !hangs_; };
    mutex_.Await(absl::Condition(&goes_on));
    if (!status_.ok()) return status_;
    return InMemoryStore::Apply(changes);
  }
  void Set(bool hangs, const absl::Status& status = absl::OkStatus()) {
    absl::MutexLock lock(&mutex_);
    hangs_ = hangs;
    status_ = status;
  }
  void AwaitBegun(int transactions) {
    absl::MutexLock lock(&mutex_);
    const auto have = [&] { return begun_ >= transactions; };
    mutex_.Await(absl::Condition(&have));
  }
  int begun() {
    absl::MutexLock lock(&mutex_);
    return begun_;
  }

 private:
  absl::Mutex mutex_;
  bool hangs_ = false;
  int begun_ = 0;
  absl::Status status_;
};

class ArtifactRowsTest : public ::testing::Test {
 protected:
  ArtifactRowsTest() { EXPECT_TRUE(store_.BeginEpoch().ok()); }

  static ArtifactRecord Row(const std::string& digest, int64_t size_bytes = 5) {
    ArtifactRecord row;
    row.digest = digest;
    row.size_bytes = size_bytes;
    row.used_at = kNoon;
    return row;
  }
  absl::Status Write(const ArtifactChange& change) {
    return AwaitCall<absl::Status>(
        [&](BlobDone done) { rows_->Write(change, std::move(done)); });
  }
  // 0: there is none.
  int64_t Size(const std::string& digest) {
    const auto found = rows_->Find({ArtifactKind::kArtifact, digest}).value();
    return found.has_value() ? found->size_bytes : 0;
  }
  size_t Stored() {
    return store_.ListArtifacts(ArtifactKind::kArtifact, "", 100)->size();
  }

  static ArtifactRecord Owned(const std::string& digest,
                              const std::string& owner,
                              int64_t size_bytes = 5) {
    ArtifactRecord row = Row(digest, size_bytes);
    row.owner = owner;
    return row;
  }
  // In memory, which is what the store has.
  int64_t BytesOf(const std::string& user) {
    const auto sums = store_.SumArtifacts().value();
    EXPECT_EQ(rows_->owner_bytes().All(), sums);
    const auto sum = sums.find(user);
    return sum == sums.end() ? 0 : sum->second;
  }
  std::string OwnerInStore(const std::string& digest) {
    return store_.FindArtifacts(ArtifactKind::kArtifact, {digest})->at(0).owner;
  }
  void Charge(const std::string& digest, const std::string& user) {
    rows_->Charge({ArtifactKind::kArtifact, digest}, user);
  }

  WatchedStore store_;
  std::unique_ptr<ArtifactRows> rows_ = std::make_unique<ArtifactRows>(store_);
};

TEST_F(ArtifactRowsTest, WhatIsWrittenIsDurableWhenItIsHeardOf) {
  EXPECT_EQ(Size("a"), 0);
  EXPECT_TRUE(Write({Row("a")}).ok());
  EXPECT_EQ(Stored(), 1);
  EXPECT_EQ(Size("a"), 5);
  EXPECT_TRUE(Write({Row("a"), /*keep=*/false}).ok());
  EXPECT_EQ(Stored(), 0);
}

TEST_F(ArtifactRowsTest, WhatComesDuringATransactionSharesTheNext) {
  store_.Set(/*hangs=*/true);
  absl::BlockingCounter left(11);
  const auto done = [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok());
    left.DecrementCount();
  };
  rows_->Write({Row("first")}, done);
  store_.AwaitBegun(1);
  for (int i = 0; i < 10; ++i) rows_->Write({Row(absl::StrCat(i))}, done);
  store_.Set(/*hangs=*/false);
  left.Wait();
  EXPECT_EQ(store_.begun(), 2);
  EXPECT_EQ(Stored(), 11);
}

TEST_F(ArtifactRowsTest, WhatIsWrittenLaterIsFoundAtOnceAndDurableByAMinute) {
  rows_->Tick(kNoon);
  rows_->WriteLater(Row("a", 5));
  rows_->WriteLater(Row("a", 6));
  EXPECT_EQ(Size("a"), 6);
  rows_->Tick(kNoon + absl::Seconds(59));
  EXPECT_EQ(store_.begun(), 0);
  rows_->Tick(kNoon + absl::Minutes(1));
  store_.AwaitBegun(1);
  EXPECT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(Stored(), 1);
  EXPECT_EQ(Size("a"), 6);
}

TEST_F(ArtifactRowsTest, WhatIsWrittenNowTakesThePlaceOfWhatWasToBeLater) {
  rows_->WriteLater(Row("a"));
  EXPECT_TRUE(Write({Row("a"), /*keep=*/false}).ok());
  EXPECT_EQ(Size("a"), 0);
  EXPECT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(Stored(), 0);
}

TEST_F(ArtifactRowsTest, AFailedTransactionIsToldAndWhatIsLaterTriedAgain) {
  store_.Set(/*hangs=*/false, absl::UnavailableError("disk full"));
  rows_->WriteLater(Row("later"));
  const absl::Status status = Write({Row("now")});
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(status.message(),
            "the store did not confirm (disk full); repeat the call");
  EXPECT_FALSE(rows_->Flush().ok());
  store_.Set(/*hangs=*/false);
  EXPECT_EQ(Size("later"), 5);
  EXPECT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(Stored(), 1);
}

TEST_F(ArtifactRowsTest, WhatIsSomebodysCountsUntilItIsGone) {
  ASSERT_TRUE(Write({Owned("a", "ann", 5)}).ok());
  ASSERT_TRUE(Write({Owned("b", "ann", 6)}).ok());
  ASSERT_TRUE(Write({Row("c", 7)}).ok());
  EXPECT_EQ(BytesOf("ann"), 11);
  ASSERT_TRUE(Write({Row("a"), /*keep=*/false}).ok());
  ASSERT_TRUE(Write({Row("a"), /*keep=*/false}).ok());
  EXPECT_EQ(BytesOf("ann"), 6);
  rows_ = std::make_unique<ArtifactRows>(store_);
  EXPECT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(BytesOf("ann"), 6) << "also in a new process";
}

TEST_F(ArtifactRowsTest, ItStaysWhoeversItWasFirst) {
  ASSERT_TRUE(Write({Owned("a", "ann")}).ok());
  ASSERT_TRUE(Write({Owned("a", "bob")}).ok());
  // A use or a check is written without knowing whose it is.
  rows_->WriteLater(Row("a"));
  ASSERT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(OwnerInStore("a"), "ann");
  EXPECT_EQ(BytesOf("ann"), 5);
  EXPECT_EQ(BytesOf("bob"), 0);
  ASSERT_TRUE(Write({Row("a"), /*keep=*/false}).ok());
  ASSERT_TRUE(Write({Owned("a", "bob")}).ok());
  EXPECT_EQ(BytesOf("ann"), 0);
  EXPECT_EQ(BytesOf("bob"), 5) << "it came anew";
}

TEST_F(ArtifactRowsTest, WhatIsNobodysCanBeChargedOnceAndKeepsItsTimes) {
  rows_->WriteLater(Row("later"));
  ASSERT_TRUE(rows_->Flush().ok());
  ArtifactRecord used = Row("later");
  used.used_at = kNoon + absl::Minutes(9);
  rows_->WriteLater(used);
  Charge("later", "ann");
  Charge("later", "bob");
  Charge("none", "ann");
  Charge("with its row", "ann");
  ASSERT_TRUE(Write({Row("with its row", 6)}).ok());
  EXPECT_EQ(BytesOf("ann"), 11);
  EXPECT_EQ(BytesOf("bob"), 0);
  ASSERT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(OwnerInStore("later"), "ann");
  EXPECT_EQ(rows_->Find({ArtifactKind::kArtifact, "later"}).value()->used_at,
            used.used_at);
  Charge("later", "bob");
  ASSERT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(BytesOf("bob"), 0);
  EXPECT_EQ(Stored(), 2);
}

TEST_F(ArtifactRowsTest, AChargeIsWrittenWithinASecondAndAgainAfterAFailure) {
  ASSERT_TRUE(Write({Row("a")}).ok());
  rows_->Tick(kNoon);
  Charge("a", "ann");
  rows_->Tick(kNoon + absl::Milliseconds(999));
  EXPECT_EQ(store_.begun(), 1);
  store_.Set(/*hangs=*/false, absl::UnavailableError("disk full"));
  rows_->Tick(kNoon + absl::Seconds(1));
  store_.AwaitBegun(2);
  EXPECT_FALSE(Write({Row("b")}).ok());
  store_.Set(/*hangs=*/false);
  ASSERT_TRUE(rows_->Flush().ok());
  EXPECT_EQ(BytesOf("ann"), 5);
}

TEST_F(ArtifactRowsTest, AFailedTransactionCountsForNobody) {
  ASSERT_TRUE(Write({Owned("a", "ann")}).ok());
  store_.Set(/*hangs=*/false, absl::UnavailableError("disk full"));
  EXPECT_FALSE(Write({Owned("b", "ann")}).ok());
  EXPECT_FALSE(Write({Row("a"), /*keep=*/false}).ok());
  EXPECT_EQ(BytesOf("ann"), 5);
}

TEST_F(ArtifactRowsTest, ItsEndWritesWhatIsLeft) {
  rows_->WriteLater(Row("later"));
  rows_->Write({Row("now")}, [](const absl::Status&) {});
  rows_.reset();
  EXPECT_EQ(Stored(), 2);
}

}  // namespace
}  // namespace atelier
