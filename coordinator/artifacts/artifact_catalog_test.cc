#include "coordinator/artifacts/artifact_catalog.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/clock.h"
#include "common/digest.h"
#include "coordinator/artifacts/catalog_fixture_testing.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Over memory, which can be slow, fail and rot.
class ArtifactCatalogTest : public CatalogTest {
 protected:
  ArtifactCatalogTest() : CatalogTest(std::make_unique<InMemoryBlobStore>()) {}

  InMemoryBlobStore& backend() {
    return static_cast<InMemoryBlobStore&>(*blobs_);
  }
};

TEST_F(ArtifactCatalogTest, KnowsSizeAndUseOfWhatWasBrought) {
  const BlobKey key = Put("bytes");
  const ArtifactRecord row = catalog_->Find(key).value();
  EXPECT_EQ(row.size_bytes, 5);
  EXPECT_EQ(row.used_at, clock_.Now());
  EXPECT_EQ(row.checked_at, clock_.Now());
  EXPECT_FALSE(Has(KeyOf("bytes", ArtifactKind::kCheckpoint)));
}

TEST_F(ArtifactCatalogTest, ABitThatRottedIsFoundWhenTheLastCheckIsOld) {
  const BlobKey key = Put(Bytes());
  backend().Rot(key);
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(Has(key)) << "checked a day ago";
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(Has(key));
  Put(Bytes());
  EXPECT_TRUE(Has(key));
}

TEST_F(ArtifactCatalogTest, ACheckCountsForADayAlsoAfterARestart) {
  const BlobKey key = Put(Bytes());
  clock_.Advance(absl::Hours(25));
  EXPECT_TRUE(Has(key));
  backend().Rot(key);
  Reopen();
  EXPECT_TRUE(Has(key)) << "it was read just now";
  clock_.Advance(absl::Hours(23));
  EXPECT_TRUE(Has(key)) << "also after its use was noted";
  clock_.Advance(absl::Hours(2));
  EXPECT_FALSE(Has(key));
}

TEST_F(ArtifactCatalogTest, ADownloadFromAnOffsetAnswersForTheWholeArtifact) {
  const BlobKey key = Put(Bytes());
  EXPECT_EQ(waiting_->Get(key, 9'000).value(), std::string(1'000, 'x'));
  EXPECT_EQ(waiting_->Get(key, 10'000).value(), "");
  const absl::Status past = waiting_->Get(key, 10'001).status();
  EXPECT_TRUE(absl::IsOutOfRange(past));
  EXPECT_THAT(std::string(past.message()), HasSubstr("10001"));
  EXPECT_THAT(std::string(past.message()), HasSubstr("10000 bytes"));
  EXPECT_TRUE(absl::IsInvalidArgument(waiting_->Get(key, -1).status()));
  EXPECT_THAT(damaged_, IsEmpty());
  backend().Rot(key);
  EXPECT_TRUE(absl::IsDataLoss(waiting_->Get(key, 9'000).status()));
}

TEST_F(ArtifactCatalogTest, KeepsAnEmptyArtifact) {
  const BlobKey key = Put("");
  EXPECT_TRUE(Has(key));
  EXPECT_EQ(waiting_->Get(key).value(), "");
  EXPECT_TRUE(waiting_->Verify(key).value());
}

TEST_F(ArtifactCatalogTest, WhatWasBroughtAgainMeanwhileStays) {
  const BlobKey key = Put(Bytes());
  backend().Rot(key);
  const auto download = waiting_->Open(key).value();
  ASSERT_TRUE(WaitingCatalog::Next(*download).ok());
  // As another caller would, who found it missing.
  EXPECT_FALSE(waiting_->Verify(key).value());
  Put(Bytes());
  while (true) {
    const auto piece = WaitingCatalog::Next(*download);
    if (!piece.ok() || piece->empty()) break;
  }
  EXPECT_EQ(waiting_->Get(key).value(), Bytes()) << "acknowledged is durable";
}

TEST_F(ArtifactCatalogTest, RefusesBytesOfAnotherDigestAndKeepsNothing) {
  const BlobKey key = KeyOf("announced");
  const absl::Status status = waiting_->Put(key, 9, {"different"});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(key.digest));
  EXPECT_THAT(std::string(status.message()), HasSubstr(HexDigest("different")));
  EXPECT_FALSE(Has(key));
}

TEST_F(ArtifactCatalogTest, RefusesMoreOrFewerBytesThanAnnounced) {
  const BlobKey key = KeyOf("12345");
  EXPECT_TRUE(absl::IsInvalidArgument(waiting_->Put(key, 4, {"123", "45"})));
  EXPECT_TRUE(absl::IsInvalidArgument(waiting_->Put(key, 6, {"12345"})));
  EXPECT_FALSE(Has(key));
  Put("12345");
  EXPECT_TRUE(absl::IsInvalidArgument(waiting_->Put(key, 6, {"12345"})))
      << "it has another size";
}

TEST_F(ArtifactCatalogTest, RefusesWhatIsLargerThanItsBoundBeforeAnyByte) {
  const absl::Status status = waiting_->Put(KeyOf("x"), (1 << 20) + 1, {});
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--max-artifact-bytes"));
  EXPECT_TRUE(absl::IsInvalidArgument(waiting_->Put(KeyOf("x"), -1, {})));
}

TEST_F(ArtifactCatalogTest, RefusesAMalformedDigestEverywhere) {
  for (const std::string& digest :
       {std::string(), std::string("../../etc/passwd"), std::string(64, 'A'),
        std::string(63, 'a')}) {
    SCOPED_TRACE(digest);
    const BlobKey key{ArtifactKind::kArtifact, digest};
    const auto expected = absl::StatusCode::kInvalidArgument;
    EXPECT_EQ(waiting_->Has(key).status().code(), expected);
    EXPECT_EQ(catalog_->Find(key).status().code(), expected);
    EXPECT_EQ(waiting_->Put(key, 1, {"x"}).code(), expected);
    EXPECT_EQ(waiting_->Get(key).status().code(), expected);
    EXPECT_EQ(waiting_->Verify(key).status().code(), expected);
    EXPECT_EQ(waiting_->Remove(key, clock_.Now()).status().code(), expected);
  }
}

TEST_F(ArtifactCatalogTest, AFullBackendTakesNothingAndStillGivesWhatItHas) {
  const BlobKey key = Put("bytes");
  may_write_ = absl::UnavailableError("full");
  EXPECT_TRUE(absl::IsUnavailable(waiting_->Put("more")));
  EXPECT_TRUE(waiting_->Put("bytes").ok()) << "it is there";
  EXPECT_TRUE(Has(key));
  EXPECT_EQ(waiting_->Get(key).value(), "bytes");
  EXPECT_TRUE(waiting_->Remove(key, absl::InfiniteFuture()).value());
}

TEST_F(ArtifactCatalogTest, AWriteThatFailsIsToldOf) {
  const auto upload =
      AwaitCall<absl::StatusOr<std::shared_ptr<ArtifactUpload>>>(
          [&](auto done) { catalog_->Upload(KeyOf("bytes"), 5, done); });
  backend().FailNext(absl::UnavailableError("no room"));
  EXPECT_TRUE(absl::IsUnavailable(AwaitCall<absl::Status>(
      [&](auto done) { (*upload)->Append("bytes", done); })));
  EXPECT_EQ(failed_writes_, 1);
}

TEST_F(ArtifactCatalogTest, AnUploadWithoutADurableRowIsNotAcknowledged) {
  ASSERT_TRUE(InMemoryStore(tables_).BeginEpoch().ok());  // It is fenced.
  const absl::Status status = waiting_->Put("bytes");
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  ASSERT_TRUE(store_.BeginEpoch().ok());
  EXPECT_FALSE(HasRow(KeyOf("bytes")));
  Put("bytes");
  EXPECT_TRUE(HasRow(KeyOf("bytes")));
}

TEST_F(ArtifactCatalogTest, AskingAndBringingCountAsUse) {
  const BlobKey key = Put("bytes");
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(Has(key));
  EXPECT_EQ(UsedAt(key), clock_.Now());
  clock_.Advance(absl::Hours(1));
  Put("bytes");
  EXPECT_EQ(UsedAt(key), clock_.Now());
  const absl::Time used_at = clock_.Now();
  clock_.Advance(ArtifactCatalog::kUsedWithin);
  EXPECT_TRUE(Has(key));
  EXPECT_EQ(UsedAt(key), used_at) << "near enough";
}

TEST_F(ArtifactCatalogTest, LooksWithoutUsing) {
  const BlobKey key = Put("bytes");
  const absl::Time brought_at = clock_.Now();
  clock_.Advance(absl::Hours(48));
  EXPECT_TRUE(waiting_->Verify(key).value());
  EXPECT_EQ(waiting_->Get(key).value(), "bytes");
  EXPECT_EQ(UsedAt(key), brought_at);
}

TEST_F(ArtifactCatalogTest, RemovesOnlyWhatWasNotUsedSince) {
  const absl::Time start = clock_.Now();
  const BlobKey key = Put("bytes");
  clock_.Advance(ArtifactCatalog::kUsedWithin + absl::Seconds(1));
  EXPECT_TRUE(Has(key));
  EXPECT_FALSE(waiting_->Remove(key, start).value()) << "used after that";
  EXPECT_TRUE(Has(key));
  EXPECT_TRUE(waiting_->Remove(key, clock_.Now()).value());
  EXPECT_FALSE(HasRow(key));
  EXPECT_FALSE(Has(key));
  EXPECT_FALSE(waiting_->Remove(key, clock_.Now()).value()) << "is gone";
  Put("bytes");
  EXPECT_TRUE(Has(key)) << "and can come back";
}

TEST_F(ArtifactCatalogTest, WhatIsBeingDownloadedIsNotRemoved) {
  const BlobKey key = Put("bytes");
  auto download = waiting_->Open(key).value();
  EXPECT_FALSE(waiting_->Remove(key, absl::InfiniteFuture()).value());
  EXPECT_EQ(WaitingCatalog::Next(*download).value(), "bytes");
  download.reset();
  EXPECT_TRUE(waiting_->Remove(key, absl::InfiniteFuture()).value());
}

TEST_F(ArtifactCatalogTest, WhatIsAskedForWhileItIsRemovedIsMissing) {
  const BlobKey key = Put("bytes");
  backend().Hang(true);
  absl::Notification removed, answered;
  catalog_->Remove(key, clock_.Now(), [&](const absl::StatusOr<bool>& did) {
    EXPECT_TRUE(did.value());
    removed.Notify();
  });
  catalog_->FindPresent(key.kind, {key.digest}, [&](const auto& present) {
    EXPECT_THAT(present.value(), IsEmpty()) << "whoever hears 'yes' finds it";
    answered.Notify();
  });
  backend().Hang(false);
  removed.WaitForNotification();
  answered.WaitForNotification();
}

TEST_F(ArtifactCatalogTest, ManyMayBringTheSame) {
  constexpr int kUploads = 8;
  absl::BlockingCounter left(kUploads);
  const BlobKey key = KeyOf("same");
  for (int i = 0; i < kUploads; ++i) {
    catalog_->Upload(key, 4, [&](const auto& upload) {
      ASSERT_TRUE(upload.ok());
      if (*upload == nullptr) {
        left.DecrementCount();
        return;
      }
      (*upload)->Append("same", [&, one = *upload](const absl::Status& status) {
        EXPECT_TRUE(status.ok());
        one->Commit([&, one](const absl::Status& committed) {
          EXPECT_TRUE(committed.ok());
          left.DecrementCount();
        });
      });
    });
  }
  left.Wait();
  EXPECT_EQ(waiting_->Get(key).value(), "same");
}

TEST_F(ArtifactCatalogTest, ASearchLooksAtSoManyAtOnce) {
  std::set<std::string> digests;
  for (int i = 0; i < 100; ++i) {
    const BlobKey key = KeyOf(absl::StrCat(i));
    if (i % 2 == 0) backend().Put(key, absl::StrCat(i));
    digests.insert(key.digest);
  }
  backend().Hang(true);
  absl::Notification answered;
  catalog_->FindPresent(ArtifactKind::kArtifact, digests,
                        [&](const auto& present) {
                          EXPECT_EQ(present->size(), 50);
                          answered.Notify();
                        });
  EXPECT_EQ(backend().calls(), ArtifactCatalog::kLooksAtOnce);
  backend().Hang(false);
  answered.WaitForNotification();
}

TEST_F(ArtifactCatalogTest, AllWhoAskForOneArtifactWaitForOneLook) {
  const BlobKey key = Put("bytes");
  const int before = backend().begun();
  backend().Hang(true);
  absl::BlockingCounter left(10);
  for (int i = 0; i < 10; ++i) {
    catalog_->FindPresent(key.kind, {key.digest}, [&](const auto& present) {
      EXPECT_EQ(present->size(), 1);
      left.DecrementCount();
    });
  }
  backend().Hang(false);
  left.Wait();
  EXPECT_EQ(backend().begun(), before + 1);
}

TEST_F(ArtifactCatalogTest, WhatWasBroughtOrFoundOfLateWasSeen) {
  const auto seen = [this](const BlobKey& key) {
    return catalog_->WereSeenLately(key.kind, {key.digest});
  };
  const BlobKey key = KeyOf("bytes");
  EXPECT_FALSE(seen(key));
  Put("bytes");
  EXPECT_TRUE(seen(key));
  EXPECT_FALSE(
      catalog_->WereSeenLately(key.kind, {key.digest, KeyOf("other").digest}));
  clock_.Advance(RecentLooks::kWithin);
  EXPECT_FALSE(seen(key));
  EXPECT_TRUE(waiting_->Has(key).value());
  EXPECT_TRUE(seen(key));
  ASSERT_TRUE(waiting_->Remove(key, clock_.Now()).value());
  EXPECT_FALSE(seen(key));
}

TEST_F(ArtifactCatalogTest, ASearchThatFailsSaysSo) {
  const BlobKey key = Put("bytes");
  backend().FailNext(absl::UnavailableError("busy"));
  EXPECT_TRUE(absl::IsUnavailable(waiting_->Has(key).status()));
  EXPECT_TRUE(Has(key));
}

TEST_F(ArtifactCatalogTest, BytesWithoutARowAreReadAndGetOne) {
  const BlobKey whole = KeyOf("whole"), broken = KeyOf("broken");
  backend().Put(whole, "whole");
  backend().Put(broken, "other bytes");
  EXPECT_TRUE(Has(whole));
  EXPECT_EQ(catalog_->Find(whole)->size_bytes, 5);
  EXPECT_FALSE(Has(broken));
  EXPECT_EQ(backend().aside(), 1);
}

TEST_F(ArtifactCatalogTest, TheFirstLoadTakesWhatAnOlderFolderHas) {
  const absl::Time old = clock_.Now() - absl::Hours(5);
  for (int i = 0; i < 600; ++i) {
    backend().Put(KeyOf(absl::StrCat(i)), absl::StrCat(i), old);
  }
  const BlobKey checkpoint = KeyOf("state", ArtifactKind::kCheckpoint);
  backend().Put(checkpoint, "state", clock_.Now() + absl::Hours(1));
  ASSERT_TRUE(catalog_->Load().ok());
  EXPECT_EQ(store_.ListArtifacts(ArtifactKind::kArtifact, "", 1000)->size(),
            600);
  EXPECT_EQ(UsedAt(KeyOf("1")), old);
  EXPECT_EQ(UsedAt(checkpoint), clock_.Now()) << "not later than now";
  EXPECT_EQ(catalog_->Find(KeyOf("1"))->checked_at, absl::UnixEpoch());
  backend().Rot(KeyOf("599"));
  EXPECT_FALSE(Has(KeyOf("599"))) << "what was never read is read";
}

TEST_F(ArtifactCatalogTest, ReconcilesBothWays) {
  const BlobKey lost = Put("lost"), known = Put("known");
  const BlobKey found = KeyOf("found");
  backend().Put(found, "found");
  EXPECT_TRUE(AwaitCall<absl::Status>([&](auto done) {
                backend().Delete(lost, done);
              }).ok());
  std::string last;
  for (int left = 2; left >= 0; --left) {
    const auto page = catalog_->Reconcile(ArtifactKind::kArtifact, last, 1);
    ASSERT_EQ(page->size(), left > 0 ? 1 : 0);
    if (left > 0) last = page->back();
  }
  EXPECT_FALSE(HasRow(lost));
  EXPECT_TRUE(HasRow(known));
  EXPECT_TRUE(HasRow(found));
}

class ArtifactQuotaTest : public ArtifactCatalogTest {
 protected:
  using Begun = absl::StatusOr<std::shared_ptr<ArtifactUpload>>;
  Begun Begin(const std::string& bytes, const ArtifactOwner& owner) {
    return AwaitCall<Begun>([&](auto done) {
      catalog_->Upload(KeyOf(bytes), static_cast<int64_t>(bytes.size()), done,
                       owner);
    });
  }
  absl::Status End(ArtifactUpload& upload, const std::string& bytes) {
    const auto appended = AwaitCall<absl::Status>(
        [&](auto done) { upload.Append(bytes, std::move(done)); });
    if (!appended.ok()) return appended;
    return AwaitCall<absl::Status>(
        [&](auto done) { upload.Commit(std::move(done)); });
  }
  absl::Status PutFor(const std::string& bytes, const ArtifactOwner& owner) {
    const Begun upload = Begin(bytes, owner);
    if (!upload.ok() || *upload == nullptr) return upload.status();
    return End(**upload, bytes);
  }
  int64_t BytesOf(const std::string& user) {
    return catalog_->rows().owner_bytes().Of(user);
  }
};

TEST_F(ArtifactQuotaTest, AnUploadOverTheQuotaIsRefusedBeforeItsBytes) {
  ASSERT_TRUE(PutFor("12345", {"ann", 8}).ok());
  const absl::Status refused = Begin("6789", {"ann", 8}).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("has 5 artifact bytes and asked for 4 more, the quota "
                        "is 8"));
  EXPECT_TRUE(PutFor("678", {"ann", 8}).ok()) << "all of it may be used";
  EXPECT_TRUE(PutFor("12345", {"ann", 1}).ok()) << "it is there";
  EXPECT_TRUE(PutFor("6789", {}).ok()) << "what is nobody's has no bound";
}

TEST_F(ArtifactQuotaTest, TwoUploadsBesideEachOtherCannotBothHaveTheRest) {
  const Begun first = Begin("12345", {"ann", 8});
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(Begin("6789", {"ann", 8}).ok());
  EXPECT_TRUE(End(**first, "12345").ok());
  EXPECT_EQ(BytesOf("ann"), 5);
}

TEST_F(ArtifactQuotaTest, AnUploadThatIsGivenUpTakesNoRoom) {
  ASSERT_TRUE(Begin("12345", {"ann", 8}).ok());
  EXPECT_TRUE(PutFor("6789", {"ann", 8}).ok());
  EXPECT_EQ(BytesOf("ann"), 4);
}

TEST_F(ArtifactQuotaTest, WhatIsRemovedOrDamagedCountsNoMore) {
  ASSERT_TRUE(PutFor("12345", {"ann", 8}).ok());
  ASSERT_TRUE(PutFor("678", {"ann", 8}).ok());
  clock_.Advance(absl::Hours(2));
  ASSERT_TRUE(waiting_->Remove(KeyOf("12345"), clock_.Now()).value());
  EXPECT_EQ(BytesOf("ann"), 3);
  Reopen();
  ASSERT_TRUE(catalog_->Load().ok());
  EXPECT_EQ(BytesOf("ann"), 3) << "a new process knows it from the start";
}

}  // namespace
}  // namespace atelier
