#include "coordinator/api/grpc/every_method_testing.h"

#include "coordinator/api/grpc/full_requests_testing.h"

namespace atelier {

void EveryMethodFixture::AddMethods() {
  v1::SynchronizeRequest anna = Worker("anna");
  anna.set_draining(true);
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(anna, &response).ok());
  v1::SubmitJobRequest submit;
  submit.set_request_id(RandomId());
  *submit.mutable_spec() = FullJob();
  Add<v1::SubmitJobRequest>("Jobs.SubmitJob", submit,
                            [this](const auto& r) { return SendSubmit(r); });
  using Jobs = v1::Jobs::Stub;
  v1::PreviewJobRequest preview;
  *preview.mutable_spec() = FullJob();
  AddUnary("Jobs.PreviewJob", preview, *jobs_, &Jobs::PreviewJob);
  AddJobCall("Jobs.GetJob", &Jobs::GetJob);
  v1::ListJobsRequest list;
  list.add_states(v1::JOB_STATE_QUEUED);
  AddUnary("Jobs.ListJobs", list, *jobs_, &Jobs::ListJobs);
  AddJobCall("Jobs.ListTasks", &Jobs::ListTasks);
  AddJobCall("Jobs.ListAttempts", &Jobs::ListAttempts);
  v1::WatchJobRequest watch;
  watch.set_job_id(MustSubmit(SmallJob()).job_id());
  Add<v1::WatchJobRequest>("Jobs.WatchJob", watch,
                           [this](const auto& r) { return SendWatch(r); });
  AddJobCall("Jobs.CancelJob", &Jobs::CancelJob);
  AddJobCall("Jobs.PauseJob", &Jobs::PauseJob);
  AddJobCall("Jobs.ResumeJob", &Jobs::ResumeJob);
  AddJobCall("Jobs.SetJobPriority", &Jobs::SetJobPriority);
  v1::DeleteJobRequest remove;
  remove.set_job_id(MustSubmit(SmallJob()).job_id());
  EndJob(remove.job_id());
  AddUnary("Jobs.DeleteJob", remove, *jobs_, &Jobs::DeleteJob);
  v1::RepairJobRequest repair;
  repair.set_job_id(watch.job_id());
  repair.add_task_indices(0);
  AddUnary("Jobs.RepairJob", repair, *jobs_, &Jobs::RepairJob);
  v1::RetryJobRequest retry;
  retry.set_job_id(watch.job_id());
  retry.add_task_indices(0);
  AddUnary("Jobs.RetryJob", retry, *jobs_, &Jobs::RetryJob);

  using Workers = v1::Workers::Stub;
  Add<v1::SynchronizeRequest>("Workers.Synchronize", FullSync(Worker("anna")),
                              [this](const auto& r) { return SendSync(r); });
  AddUnary("Workers.ListWorkers", v1::ListWorkersRequest(), *workers_,
           &Workers::ListWorkers);
  v1::DrainWorkerRequest drain;
  drain.set_name("anna");
  AddUnary("Workers.DrainWorker", drain, *workers_, &Workers::DrainWorker);
  v1::ReleaseWorkerRequest release;
  release.set_name("anna");
  AddUnary("Workers.ReleaseWorker", release, *workers_,
           &Workers::ReleaseWorker);
  AddArtifactMethods();
  AddAccessMethods();
  AddRatingMethods();
}

void EveryMethodFixture::AddArtifactMethods() {
  using Files = v1::Artifacts::Stub;
  v1::FindMissingRequest find;
  find.add_digests(HexDigest("content"));
  AddUnary("Artifacts.FindMissing", find, *files_, &Files::FindMissing);
  v1::UploadRequest upload;
  upload.set_digest(HexDigest("new"));
  upload.set_size_bytes(3);
  upload.set_chunk("new");
  upload.mutable_attempt()->set_render_key(std::string(64, 'a'));
  upload.mutable_attempt()->set_number(1);
  upload.mutable_attempt()->set_epoch(1);
  Add<v1::UploadRequest>("Artifacts.Upload", upload,
                         [this](const auto& r) { return SendUpload(r); });
  v1::DownloadRequest download;
  download.set_digest(HexDigest("content"));
  download.set_job_id("j1");
  download.set_task_index(1);
  *download.mutable_attempt() = upload.attempt();
  Add<v1::DownloadRequest>("Artifacts.Download", download,
                           [this](const auto& r) { return SendDownload(r); });
  v1::CollectGarbageRequest collect;
  collect.mutable_keep()->set_seconds(60);
  collect.set_dry_run(true);
  AddUnary("Artifacts.CollectGarbage", collect, *files_,
           &Files::CollectGarbage);
}

void EveryMethodFixture::AddAccessMethods() {
  using Access = v1::Access::Stub;
  v1::CreateTokenRequest create;
  create.set_role(v1::TOKEN_ROLE_WORK);
  create.set_worker_pattern("gpu-*");
  create.mutable_expires_in()->set_seconds(60);
  create.set_max_slots(4);
  AddUnary("Access.CreateToken", create, *access_, &Access::CreateToken);
  AddUnary("Access.ListTokens", v1::ListTokensRequest(), *access_,
           &Access::ListTokens);
  v1::RevokeTokenRequest revoke;
  revoke.set_accessor(
      tokens_->Create(AnonymousAdmin(), {Role::kRead})->record.accessor);
  AddUnary("Access.RevokeToken", revoke, *access_, &Access::RevokeToken);
  v1::SetQuotaRequest quota;
  quota.set_user("ann");
  quota.set_max_queued_tasks(1'000'000);
  quota.set_max_running_tasks(0);
  quota.set_max_artifact_bytes(int64_t{1} << 40);
  AddUnary("Access.SetQuota", quota, *access_, &Access::SetQuota);
  v1::ListAuditRequest audit;
  audit.set_user("ann");
  audit.set_job_id("j1");
  audit.mutable_since()->set_seconds(1);
  AddUnary("Access.ListAudit", audit, *access_, &Access::ListAudit);
  AddUnary("Access.ListQuotas", v1::ListQuotasRequest(), *access_,
           &Access::ListQuotas);
}

void EveryMethodFixture::AddRatingMethods() {
  using Ratings = v1::Ratings::Stub;
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {900, 901});
  const std::string job = MustSubmit(spec).job_id();
  v1::StarTaskRequest star;
  star.set_job_id(job);
  star.set_task_index(1);
  star.set_stars(4);
  AddUnary("Ratings.StarTask", star, *ratings_, &Ratings::StarTask);
  v1::JudgeTasksRequest judge;
  judge.set_job_id(job);
  judge.add_task_indexes(0);
  judge.add_task_indexes(1);
  judge.set_worst(1);
  AddUnary("Ratings.JudgeTasks", judge, *ratings_, &Ratings::JudgeTasks);
  v1::ListRatingsRequest list;
  list.set_job_id(job);
  list.set_first_index(1);
  AddUnary("Ratings.ListRatings", list, *ratings_, &Ratings::ListRatings);
}

SentRequest EveryMethodFixture::SendSubmit(
    const v1::SubmitJobRequest& request) {
  v1::SubmitJobRequest fresh = request;
  // A request id that was not spoiled is used once.
  if (request.request_id() == dynamic_cast<const v1::SubmitJobRequest&>(
                                  *methods_["Jobs.SubmitJob"].valid)
                                  .request_id()) {
    fresh.set_request_id(RandomId());
  }
  grpc::ClientContext context;
  SetDeadline(context);
  v1::Job job;
  const grpc::Status status = jobs_->SubmitJob(&context, fresh, &job);
  EXPECT_LT(job.ByteSizeLong(), kMaxKeptBytes);
  return {status};
}

SentRequest EveryMethodFixture::SendWatch(const v1::WatchJobRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = jobs_->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  if (stream->Read(&snapshot)) {
    context.TryCancel();
    stream->Finish();
    return {grpc::Status::OK};
  }
  return {stream->Finish()};
}

std::vector<v1::AttemptToken> EveryMethodFixture::LeaseAll(
    const std::string& job_id) {
  v1::SynchronizeRequest asking = Worker("anna");
  asking.mutable_worker()->set_slots(1024);
  v1::SynchronizeResponse work;
  EXPECT_TRUE(Sync(asking, &work).ok());
  std::vector<v1::AttemptToken> tokens;
  for (const v1::Assignment& start : work.start()) {
    if (start.job_id() == job_id) tokens.push_back(start.token());
  }
  return tokens;
}

// Whatever is left of the attempts goes, so that the next case is alone.
void EveryMethodFixture::EndAll(const std::string& job_id) {
  v1::SynchronizeRequest leaving = Worker("anna");
  leaving.set_draining(true);
  v1::SynchronizeResponse response;
  EXPECT_TRUE(Sync(leaving, &response).ok());
  grpc::ClientContext context;
  v1::CancelJobRequest cancel;
  cancel.set_job_id(job_id);
  v1::Job job;
  EXPECT_TRUE(jobs_->CancelJob(&context, cancel, &job).ok());
}

// Progress and report get the tokens of leases of their own, so that a case
// that is taken counts.
SentRequest EveryMethodFixture::SendSync(
    const v1::SynchronizeRequest& request) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1000 + renders_, 1001 + renders_});
  renders_ += 2;
  const std::string job_id = MustSubmit(spec).job_id();
  const std::vector<v1::AttemptToken> tokens = LeaseAll(job_id);
  EXPECT_EQ(tokens.size(), 2u);
  if (tokens.size() != 2) return {};

  v1::SynchronizeRequest filled = request;
  const auto fill = [&](v1::AttemptToken& token, const v1::AttemptToken& from) {
    if (token.render_key() == kRenderKeyToSet && token.number() == 1 &&
        token.epoch() == 1) {
      const std::string secret = token.secret();
      token = from;
      if (!secret.empty()) token.set_secret(secret);
    }
  };
  for (auto& running : *filled.mutable_running()) {
    if (running.has_token()) fill(*running.mutable_token(), tokens[0]);
  }
  for (auto& finished : *filled.mutable_finished()) {
    if (finished.has_token()) fill(*finished.mutable_token(), tokens[1]);
  }
  v1::SynchronizeResponse response;
  const grpc::Status status = Sync(filled, &response);

  grpc::ClientContext context;
  v1::ListTasksRequest list;
  list.set_job_id(job_id);
  v1::ListTasksResponse page;
  EXPECT_TRUE(jobs_->ListTasks(&context, list, &page).ok());
  EXPECT_LT(page.ByteSizeLong(), kMaxKeptBytes);
  EndAll(job_id);
  return {status, page.tasks(1).state() == v1::TASK_STATE_SUCCEEDED};
}

SentRequest EveryMethodFixture::SendUpload(const v1::UploadRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::UploadResponse response;
  const auto stream = files_->Upload(&context, &response);
  stream->Write(request);
  stream->WritesDone();
  return {stream->Finish()};
}

SentRequest EveryMethodFixture::SendDownload(
    const v1::DownloadRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = files_->Download(&context, request);
  v1::DownloadResponse response;
  while (stream->Read(&response)) {
  }
  return {stream->Finish()};
}

}  // namespace atelier
