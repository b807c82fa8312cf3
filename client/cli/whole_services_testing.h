// Services that answer with all that a message can have, and where a list has a
// second entry with nothing that may be missing. For tests of what is printed.
#ifndef ATELIER_CLIENT_CLI_WHOLE_SERVICES_TESTING_H_
#define ATELIER_CLIENT_CLI_WHOLE_SERVICES_TESTING_H_

#include <cstdint>
#include <string>

#include "atelier/v1/access.grpc.pb.h"
#include "atelier/v1/ratings.grpc.pb.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "client/lib/fake_jobs.h"
#include "tests/testing/fake_artifacts.h"

namespace atelier {

inline void SetBound(v1::QuotaBound& bound, int64_t most) {
  bound.set_used(3);
  bound.set_most(most);
  bound.set_is_set(most > 0);
}

inline v1::Quota WholeQuota(const std::string& user, int64_t most) {
  v1::Quota quota;
  quota.set_user(user);
  SetBound(*quota.mutable_queued_tasks(), most);
  SetBound(*quota.mutable_running_tasks(), most);
  SetBound(*quota.mutable_artifact_bytes(), most);
  return quota;
}

inline v1::Token WholeToken(bool is_whole) {
  v1::Token token;
  token.set_accessor("0a1b2c3d4e5f");
  token.set_role(v1::TOKEN_ROLE_WORK);
  token.mutable_created_at()->set_seconds(1);
  if (!is_whole) return token;
  token.set_user("anna");
  token.set_worker_pattern("gpu-*");
  token.set_max_slots(4);
  token.mutable_expires_at()->set_seconds(2);
  token.mutable_last_used_at()->set_seconds(2);
  token.mutable_revoked_at()->set_seconds(2);
  return token;
}

class WholeAccess : public v1::Access::Service {
 public:
  grpc::Status SetQuota(grpc::ServerContext*, const v1::SetQuotaRequest*,
                        v1::Quota* response) override {
    *response = WholeQuota("anna", 100);
    return grpc::Status::OK;
  }
  grpc::Status ListQuotas(grpc::ServerContext*, const v1::ListQuotasRequest*,
                          v1::ListQuotasResponse* response) override {
    *response->add_quotas() = WholeQuota("anna", 100);
    *response->add_quotas() = WholeQuota("", 0);
    return grpc::Status::OK;
  }
  grpc::Status CreateToken(grpc::ServerContext*, const v1::CreateTokenRequest*,
                           v1::CreateTokenResponse* response) override {
    response->set_token("atl_w");
    *response->mutable_description() = WholeToken(true);
    return grpc::Status::OK;
  }
  grpc::Status ListTokens(grpc::ServerContext*, const v1::ListTokensRequest*,
                          v1::ListTokensResponse* response) override {
    *response->add_tokens() = WholeToken(true);
    *response->add_tokens() = WholeToken(false);
    return grpc::Status::OK;
  }
  grpc::Status RevokeToken(grpc::ServerContext*, const v1::RevokeTokenRequest*,
                           v1::Token* response) override {
    *response = WholeToken(true);
    return grpc::Status::OK;
  }
  grpc::Status ListAudit(grpc::ServerContext*, const v1::ListAuditRequest*,
                         v1::ListAuditResponse* response) override {
    v1::AuditEntry& entry = *response->add_entries();
    entry.mutable_at()->set_seconds(1);
    entry.set_action("CancelJob");
    entry.set_outcome("ok");
    *response->add_entries() = entry;
    entry.set_sequence(7);
    entry.set_accessor("0a");
    entry.set_user("anna");
    entry.set_address("ipv4:1.2.3.4:5");
    entry.set_job_id("J");
    entry.set_target("w");
    entry.set_message("why");
    entry.set_is_refusal(true);
    entry.set_count(2);
    return grpc::Status::OK;
  }
};

inline v1::TaskRating WholeRating(int64_t task_index) {
  v1::TaskRating rating;
  rating.set_task_index(task_index);
  rating.set_mean_stars(3.5);
  rating.set_people(2);
  rating.set_own_stars(4);
  rating.set_times_shown(5);
  rating.set_times_worst(1);
  return rating;
}

class WholeRatings : public v1::Ratings::Service {
 public:
  grpc::Status StarTask(grpc::ServerContext*, const v1::StarTaskRequest*,
                        v1::TaskRating* response) override {
    *response = WholeRating(7);
    return grpc::Status::OK;
  }
  grpc::Status JudgeTasks(grpc::ServerContext*, const v1::JudgeTasksRequest*,
                          v1::JudgeTasksResponse* response) override {
    *response->add_ratings() = WholeRating(1);
    response->add_ratings()->set_task_index(2);
    return grpc::Status::OK;
  }
};

inline v1::Worker BusyWorker() {
  v1::Worker worker;
  v1::WorkerDescription& description = *worker.mutable_description();
  description.set_name("w");
  description.set_device("cpu");
  description.set_device_model("model");
  description.set_threads(4);
  description.set_slots(1);
  description.set_memory_bytes(1 << 30);
  worker.add_running()->set_job_id("J");
  worker.mutable_last_seen_at()->set_seconds(1);
  return worker;
}

class WholeWorkers : public v1::Workers::Service {
 public:
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse* response) override {
    *response->add_workers() = BusyWorker();
    return grpc::Status::OK;
  }
  grpc::Status DrainWorker(grpc::ServerContext*, const v1::DrainWorkerRequest*,
                           v1::Worker* response) override {
    *response = BusyWorker();
    return grpc::Status::OK;
  }
  grpc::Status ReleaseWorker(grpc::ServerContext*,
                             const v1::ReleaseWorkerRequest*,
                             v1::Worker* response) override {
    *response = BusyWorker();
    return grpc::Status::OK;
  }
};

// Its jobs have ended, and wait for something all the same.
class WholeJobs : public FakeJobs {
 public:
  grpc::Status GetJob(grpc::ServerContext* context,
                      const v1::GetJobRequest* request,
                      v1::Job* response) override {
    const grpc::Status status = FakeJobs::GetJob(context, request, response);
    response->mutable_ended_at()->set_seconds(9);
    response->set_wait_reason(v1::WAIT_REASON_NO_WORKER);
    return status;
  }
  grpc::Status RetryJob(grpc::ServerContext*, const v1::RetryJobRequest*,
                        v1::Job* response) override {
    return Fill(response);
  }
  grpc::Status DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest*,
                         v1::Job* response) override {
    return Fill(response);
  }
  grpc::Status PauseJob(grpc::ServerContext*, const v1::PauseJobRequest*,
                        v1::Job* response) override {
    return Fill(response);
  }
  grpc::Status ResumeJob(grpc::ServerContext*, const v1::ResumeJobRequest*,
                         v1::Job* response) override {
    return Fill(response);
  }
  grpc::Status SetJobPriority(grpc::ServerContext*,
                              const v1::SetJobPriorityRequest*,
                              v1::Job* response) override {
    return Fill(response);
  }
  grpc::Status WatchJob(grpc::ServerContext* context,
                        const v1::WatchJobRequest* request,
                        grpc::ServerWriter<v1::JobSnapshot>* writer) override {
    v1::JobSnapshot snapshot;
    Fill(snapshot.mutable_job());
    snapshot.mutable_job()->set_state(v1::JOB_STATE_RUNNING);
    snapshot.add_running()->set_state(v1::TASK_STATE_LEASED);
    writer->Write(snapshot);
    return FakeJobs::WatchJob(context, request, writer);
  }

 private:
  static grpc::Status Fill(v1::Job* job) {
    job->set_job_id("J");
    job->set_state(v1::JOB_STATE_QUEUED);
    return grpc::Status::OK;
  }
};

class CollectingArtifacts : public FakeArtifacts {
 public:
  grpc::Status CollectGarbage(grpc::ServerContext*,
                              const v1::CollectGarbageRequest*,
                              v1::CollectGarbageResponse* response) override {
    response->set_removed_artifacts(2);
    return grpc::Status::OK;
  }
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_WHOLE_SERVICES_TESTING_H_
