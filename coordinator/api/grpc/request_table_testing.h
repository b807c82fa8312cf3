// Whether what a call refuses is refused by the table of checks, which is what
// is fuzzed.
#ifndef ATELIER_COORDINATOR_API_GRPC_REQUEST_TABLE_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_REQUEST_TABLE_TESTING_H_

#include <grpcpp/support/status.h>

#include <set>
#include <string>

#include "absl/status/status.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/api/grpc/request_checks.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace atelier {

/// Fields that a job's row or the store of artifacts refuses, beside what it
/// has: numbers of tasks, offsets and sizes.
inline bool DependsOnState(const std::string& rule) {
  static const std::set<std::string> kRules = {
      "RepairJobRequest.task_indices",  "RetryJobRequest.task_indices",
      "ListAttemptsRequest.task_index", "StarTaskRequest.task_index",
      "JudgeTasksRequest.task_indexes", "UploadRequest.chunk",
      "UploadRequest.size_bytes",       "DownloadRequest.offset_bytes"};
  return kRules.count(rule) > 0;
}

/// The check in the table, which is what is fuzzed, is the one that the call
/// makes.
inline void ExpectCheckedByTheTable(const google::protobuf::Message& request,
                                    const JobLimits& limits,
                                    const std::string& rule,
                                    const grpc::Status& status) {
  const absl::Status checked = CheckAnyRequest(request, limits);
  if (!checked.ok()) {
    EXPECT_EQ(status.error_message(), ToGrpc(checked).error_message());
  } else if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) {
    EXPECT_TRUE(DependsOnState(rule))
        << "checked outside request_checks.cc: " << status.error_message();
  }
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_REQUEST_TABLE_TESTING_H_
