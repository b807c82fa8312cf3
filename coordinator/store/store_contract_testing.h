// A store of each kind, and short words for what is asked of it.
#ifndef ATELIER_COORDINATOR_STORE_STORE_CONTRACT_TESTING_H_
#define ATELIER_COORDINATOR_STORE_STORE_CONTRACT_TESTING_H_

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/store/in_memory_store.h"
#include "coordinator/store/sqlite_store.h"
#include "coordinator/store/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {

inline constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
inline constexpr absl::StatusCode kAlreadyExists =
    absl::StatusCode::kAlreadyExists;
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

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Backend>()> make;
};

inline void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class StoreContractTest : public testing::TestWithParam<Kind> {
 protected:
  StoreContractTest() : backend_(GetParam().make()), store_(backend_->Open()) {
    EXPECT_EQ(store_->BeginEpoch().value(), 1);
  }

  // As a crash and a new start do.
  void Reopen() {
    store_.reset();
    store_ = backend_->Open();
    ASSERT_TRUE(store_->BeginEpoch().ok());
  }

  std::vector<absl::StatusCode> Apply(const std::vector<Mutation>& mutations) {
    std::vector<absl::StatusCode> codes;
    for (const absl::Status& status : store_->Apply(mutations)) {
      if (absl::IsInternal(status)) ADD_FAILURE() << status;
      codes.push_back(status.code());
    }
    return codes;
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

inline PutJob NewJob(const std::string& id, int64_t sequence,
                     int64_t task_count) {
  PutJob put;
  put.job.id = JobId(id);
  put.job.sequence = sequence;
  put.job.request_id = RequestId("request-" + id);
  put.job.spec_bytes = std::string("spec\0of ", 8) + id;
  put.job.task_count = task_count;
  put.job.counts.queued = task_count;
  put.job.submitted_at = absl::FromUnixMicros(1'000'001);
  return put;
}

inline AttemptToken Token(int64_t number) {
  return {RenderKey("key" + std::to_string(number)), number, 1};
}

inline LeaseTask Lease(const std::string& job, int64_t index, int64_t number,
                       int64_t generation = 0) {
  return {{JobId(job), index},
          generation,
          Token(number),
          WorkerName("w"),
          InstanceId("i")};
}

inline RefuseTask Refuse(const std::string& job, int64_t index) {
  RefuseTask refuse;
  refuse.task = {JobId(job), index};
  refuse.message = "why";
  return refuse;
}

inline EndAttempt End(const std::string& job, int64_t index, int64_t number,
                      TaskState to, Outcome outcome, int64_t generation = 0) {
  EndAttempt end;
  end.task = {JobId(job), index};
  end.generation = generation;
  end.token = Token(number);
  end.to = to;
  end.outcome = outcome;
  end.costs = {1, 2, 3};
  end.message = "said";
  if (to == TaskState::kSucceeded) {
    TaskResult& result = end.result.emplace();
    result.image_digest = "digest";
    result.losses.terms = {{"content", 1.5}, {"style", 0.1}};
    result.losses.total = 1e-300;
    result.iterations = 40;
    result.elapsed = absl::Microseconds(1234567);
    result.worker = WorkerName("w");
    result.arithmetic = {8, "profile"};
    result.width_px = 64;
    result.height_px = 48;
  }
  return end;
}

inline EndAttempt Success(const std::string& job, int64_t index, int64_t number,
                          int64_t generation = 0) {
  return End(job, index, number, TaskState::kSucceeded, Outcome::kSucceeded,
             generation);
}

inline EndAttempt Failure(const std::string& job, int64_t index,
                          int64_t number) {
  return End(job, index, number, TaskState::kFailed, Outcome::kDiverged);
}

inline ReuseResult Reuse(const std::string& job, int64_t index,
                         int64_t generation = 0) {
  ReuseResult reuse;
  reuse.task = {JobId(job), index};
  reuse.generation = generation;
  reuse.key = Token(1).render_key;
  reuse.result = *Success(job, index, 1).result;
  return reuse;
}

inline auto AllStores() {
  return testing::Values(
      Kind{"InMemory", [] { return std::make_unique<InMemoryBackend>(); }},
      Kind{"Sqlite", [] { return std::make_unique<SqliteBackend>(); }});
}

inline std::string NameOfKind(const testing::TestParamInfo<Kind>& kind) {
  return kind.param.name;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_STORE_CONTRACT_TESTING_H_
