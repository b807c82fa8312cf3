// A catalog over any backend, and what it tells of.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_CATALOG_FIXTURE_TESTING_H_
#define ATELIER_COORDINATOR_ARTIFACTS_CATALOG_FIXTURE_TESTING_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gtest/gtest.h"

namespace atelier {

/// Large enough to be read in several pieces.
inline std::string Bytes() { return std::string(10'000, 'x'); }

/// Over any backend.
class CatalogTest : public ::testing::Test {
 protected:
  explicit CatalogTest(std::unique_ptr<BlobStore> blobs)
      : blobs_(std::move(blobs)) {
    EXPECT_TRUE(store_.BeginEpoch().ok());
    options_.max_artifact_bytes = 1 << 20;
    options_.may_write = [this](ArtifactKind) { return may_write_; };
    options_.write_failed = [this] { ++failed_writes_; };
    options_.on_damage = [this](const BlobKey& key, const absl::Status& why) {
      damaged_.push_back(key.digest);
      why_ = why;
    };
    Reopen();
  }

  // As a new process does.
  void Reopen() {
    catalog_ = nullptr;
    catalog_ =
        std::make_unique<ArtifactCatalog>(*blobs_, store_, clock_, options_);
    waiting_ = std::make_unique<WaitingCatalog>(*catalog_);
  }
  BlobKey Put(const std::string& bytes,
              ArtifactKind kind = ArtifactKind::kArtifact) {
    const absl::Status status = waiting_->Put(bytes, kind);
    EXPECT_TRUE(status.ok()) << status;
    return KeyOf(bytes, kind);
  }
  bool Has(const BlobKey& key) { return waiting_->Has(key).value(); }
  bool HasRow(const BlobKey& key) { return catalog_->Find(key).ok(); }
  absl::Time UsedAt(const BlobKey& key) {
    return catalog_->Find(key).value().used_at;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  std::shared_ptr<InMemoryTables> tables_{std::make_shared<InMemoryTables>()};
  InMemoryStore store_{tables_};
  const std::unique_ptr<BlobStore> blobs_;
  ArtifactCatalogOptions options_;
  absl::Status may_write_;
  int failed_writes_ = 0;
  std::vector<std::string> damaged_;
  absl::Status why_;
  std::unique_ptr<ArtifactCatalog> catalog_;
  std::unique_ptr<WaitingCatalog> waiting_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_CATALOG_FIXTURE_TESTING_H_
