// A store of each kind.
#ifndef ATELIER_COORDINATOR_STORE_STORE_CONTRACT_TESTING_H_
#define ATELIER_COORDINATOR_STORE_STORE_CONTRACT_TESTING_H_

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "coordinator/store/memory/in_memory_store.h"
#include "coordinator/store/postgresql/pq_server_testing.h"
#include "coordinator/store/postgresql/pq_store.h"
#include "coordinator/store/sqlite/sqlite_store.h"
#include "coordinator/store/store.h"
#include "coordinator/store/store_rows_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {

inline constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
inline constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
inline constexpr absl::StatusCode kFailedPrecondition =
    absl::StatusCode::kFailedPrecondition;

/// Opens a store and closes it again, over what outlives both.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::unique_ptr<Store> Open() = 0;
};

class InMemoryBackend : public Backend {
 public:
  std::unique_ptr<Store> Open() override {
    return std::make_unique<InMemoryStore>(tables_);
  }

 private:
  std::shared_ptr<InMemoryTables> tables_ = std::make_shared<InMemoryTables>();
};

class SqliteBackend : public Backend {
 public:
  SqliteBackend() : directory_(testing::TempDir() + "store-XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~SqliteBackend() override { std::filesystem::remove_all(directory_); }
  std::unique_ptr<Store> Open() override {
    auto store = SqliteStore::Open(directory_);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

 private:
  std::string directory_;
};

class PostgresqlBackend : public Backend {
 public:
  PostgresqlBackend() : url_(MakePqDatabase()) {
    EXPECT_TRUE(url_.ok() || absl::IsNotFound(url_.status())) << url_.status();
  }
  /// Null where there is no server.
  std::unique_ptr<Store> Open() override {
    if (!url_.ok()) return nullptr;
    auto store = PostgresqlStore::Open(*url_);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

 private:
  absl::StatusOr<std::string> url_;
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Backend>()> make;
};
inline void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class StoreContractTest : public testing::TestWithParam<Kind> {
 protected:
  StoreContractTest() : backend_(GetParam().make()), store_(backend_->Open()) {}
  void SetUp() override {
    if (store_ == nullptr) {
      GTEST_SKIP() << "NOT TESTED: a store of " << GetParam().name
                   << ", as no server is installed here";
    }
    ASSERT_EQ(store_->BeginEpoch().value(), 1);
  }
  // As a crash and a new start do.
  void Reopen() {
    store_.reset();
    store_ = backend_->Open();
    ASSERT_TRUE(store_->BeginEpoch().ok());
  }

  absl::StatusCode Apply(const std::vector<AnyChange>& changes) {
    const absl::Status status = store_->Apply(Rows(changes));
    if (absl::IsInternal(status)) ADD_FAILURE() << status;
    return status.code();
  }
  JobRecord Job(const std::string& id) {
    return store_->GetJob(JobId(id)).value();
  }
  TaskRecord Row(const std::string& id, int64_t index) {
    return store_->ListTasks(JobId(id), index, 1)->rows.at(0);
  }
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Store> store_;
};

inline auto AllStores() {
  return testing::Values(
      Kind{"InMemory", [] { return std::make_unique<InMemoryBackend>(); }},
      Kind{"Sqlite", [] { return std::make_unique<SqliteBackend>(); }},
      Kind{"Postgresql", [] { return std::make_unique<PostgresqlBackend>(); }});
}

inline std::string NameOfKind(const testing::TestParamInfo<Kind>& kind) {
  return kind.param.name;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_STORE_CONTRACT_TESTING_H_
