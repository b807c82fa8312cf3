// Every field of every request, filled with what nobody should send, one at a
// time, in a request that is good otherwise: it is refused in one short line
// that names it, or what is kept of it is small and a number.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "common/quoted_text.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/field_rules_testing.h"
#include "coordinator/api/grpc/full_requests_testing.h"
#include "coordinator/api/grpc/hostile_values_testing.h"
#include "coordinator/api/grpc/request_table_testing.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "coordinator/control/caller.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kMaxKeptBytes = 32 << 10;

/// What became of a request.
struct Outcome {
  grpc::Status status;
  bool taken = true;  ///< With an OK status: whether it counts as said.
};

struct Method {
  std::shared_ptr<const Message> valid;
  std::function<Outcome(const Message& request)> send;
};

const FieldRule* FindRule(const Message& request, const FieldPath& path) {
  const google::protobuf::FieldDescriptor& field = *path.back().field;
  const std::string by_message =
      absl::StrCat(field.containing_type()->name(), ".", field.name());
  const FieldRule* found = nullptr;
  for (const absl::Span<const FieldRule> rules :
       {absl::MakeSpan(kFieldRules), absl::MakeSpan(kWorkerFieldRules)}) {
    for (const FieldRule& rule : rules) {
      if (rule.field == RuleOf(request, path)) return &rule;
      if (rule.field == by_message) found = &rule;
    }
  }
  // A parameter without a rule has a bound, which parameters.cc says.
  static constexpr FieldRule kRefused = {"RenderSpec", ""};
  const bool is_parameter =
      field.containing_type() == v1::RenderSpec::descriptor();
  return found == nullptr && is_parameter ? &kRefused : found;
}

bool MayBeTaken(const FieldRule& rule, const std::string& kind) {
  const std::vector<std::string> kinds = absl::StrSplit(rule.taken, ' ');
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Whether a message names the field, or the entry or list that it stands in.
bool NamesField(const std::string& message, FieldPath path) {
  const size_t least = std::min<size_t>(path.size(), 2);
  for (; path.size() >= least; path.pop_back()) {
    if (absl::StartsWith(message, TextOf(path))) return true;
    if (path.back().is_entry) {
      path.back().is_entry = false;
      if (absl::StartsWith(message, TextOf(path))) return true;
    }
  }
  return false;
}

class HostileFieldsTest : public ServiceFixture {
 protected:
  // Tokens can be made, and nobody needs one.
  void Adjust(ServerOptions& options) override {
    tokens_ = std::make_unique<TokenRegistry>(store_, Clock::Real());
    ASSERT_TRUE(tokens_->Load().ok());
    options.tokens = tokens_.get();
    options.authenticate = [](const grpc::CallbackServerContext&) {
      return AnonymousAdmin();
    };
  }
  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
    for (const char* name : {"mask", "region", "init"}) Put(name);
    AddMethods();
  }

  template <typename Request>
  void Add(const std::string& method, const Request& valid,
           const std::function<Outcome(const Request& request)>& send) {
    methods_[method] = {std::make_shared<Request>(valid),
                        [send](const Message& request) {
                          return send(dynamic_cast<const Request&>(request));
                        }};
  }
  template <typename Request, typename Response, typename Stub>
  void AddUnary(const std::string& method, const Request& valid, Stub& stub,
                grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&,
                                           Response*)) {
    Add<Request>(method, valid, [&stub, call](const Request& request) {
      grpc::ClientContext context;
      SetDeadline(context);
      Response response;
      const grpc::Status status = (stub.*call)(&context, request, &response);
      EXPECT_LT(response.ByteSizeLong(), kMaxKeptBytes);
      return Outcome{status};
    });
  }
  template <typename Request, typename Response>
  void AddJobCall(const std::string& method,
                  grpc::Status (v1::Jobs::Stub::*call)(grpc::ClientContext*,
                                                       const Request&,
                                                       Response*)) {
    Request request;
    request.set_job_id(MustSubmit(SmallJob()).job_id());
    AddUnary<Request, Response>(method, request, *jobs_, call);
  }
  void EndJob(const std::string& id) {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_job_id(id);
    v1::Job job;
    EXPECT_TRUE(jobs_->CancelJob(&context, request, &job).ok());
  }
  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::minutes(1));
  }

  void AddMethods();
  void AddArtifactMethods();
  void AddAccessMethods();
  Outcome SendSubmit(const v1::SubmitJobRequest& request);
  Outcome SendWatch(const v1::WatchJobRequest& request);
  std::vector<v1::AttemptToken> LeaseAll(const std::string& job_id);
  void EndAll(const std::string& job_id);
  Outcome SendSync(const v1::SynchronizeRequest& request);
  Outcome SendUpload(const v1::UploadRequest& request);
  Outcome SendDownload(const v1::DownloadRequest& request);

  void SpoilEachField(const Method& method);
  void ExpectRefused(const grpc::Status& status, const FieldPath& path);
  void ExpectBounded();

  std::unique_ptr<TokenRegistry> tokens_;
  std::map<std::string, Method> methods_;
  int renders_ = 0;
};

void HostileFieldsTest::AddMethods() {
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
  AddJobCall("Jobs.RetryJob", &Jobs::RetryJob);
  v1::DeleteJobRequest remove;
  remove.set_job_id(MustSubmit(SmallJob()).job_id());
  EndJob(remove.job_id());
  AddUnary("Jobs.DeleteJob", remove, *jobs_, &Jobs::DeleteJob);
  v1::RepairJobRequest repair;
  repair.set_job_id(watch.job_id());
  repair.add_task_indices(0);
  AddUnary("Jobs.RepairJob", repair, *jobs_, &Jobs::RepairJob);

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
}

void HostileFieldsTest::AddArtifactMethods() {
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

void HostileFieldsTest::AddAccessMethods() {
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

Outcome HostileFieldsTest::SendSubmit(const v1::SubmitJobRequest& request) {
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

Outcome HostileFieldsTest::SendWatch(const v1::WatchJobRequest& request) {
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

std::vector<v1::AttemptToken> HostileFieldsTest::LeaseAll(
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
void HostileFieldsTest::EndAll(const std::string& job_id) {
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
Outcome HostileFieldsTest::SendSync(const v1::SynchronizeRequest& request) {
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

Outcome HostileFieldsTest::SendUpload(const v1::UploadRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::UploadResponse response;
  const auto stream = files_->Upload(&context, &response);
  stream->Write(request);
  stream->WritesDone();
  return {stream->Finish()};
}

Outcome HostileFieldsTest::SendDownload(const v1::DownloadRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = files_->Download(&context, request);
  v1::DownloadResponse response;
  while (stream->Read(&response)) {
  }
  return {stream->Finish()};
}

void HostileFieldsTest::ExpectRefused(const grpc::Status& status,
                                      const FieldPath& path) {
  const std::set<grpc::StatusCode> kCodes = {
      grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::NOT_FOUND,
      grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::OUT_OF_RANGE,
      grpc::StatusCode::FAILED_PRECONDITION};
  EXPECT_EQ(kCodes.count(status.error_code()), 1u) << status.error_code();
  EXPECT_LE(status.error_message().size(), kMaxErrorBytes);
  EXPECT_EQ(EscapedText(status.error_message()), status.error_message());
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return;
  EXPECT_TRUE(NamesField(status.error_message(), path))
      << status.error_message();
}

/// What the coordinator holds, shows and exports is small and numbers.
void HostileFieldsTest::ExpectBounded() {
  const std::string page = metrics_.Text(SampleOf(control_->Counts()));
  EXPECT_LT(page.size(), size_t{256} << 10);
  for (const char* bad : {"} nan", "} Nan", "} NaN", "} inf", "} -", "e+308"}) {
    EXPECT_THAT(page, Not(HasSubstr(bad)));
  }
  size_t bytes = 0;
  const auto workers = control_->ListWorkers(AnonymousAdmin());
  for (const WorkerView& worker : *workers) {
    for (const std::string& held : worker.description.held_inputs) {
      EXPECT_EQ(held.size(), 64u);
    }
    bytes += worker.description.arithmetic.profile.size() +
             worker.description.device.size() +
             worker.description.device_model.size();
  }
  EXPECT_LT(bytes, kMaxKeptBytes);
}

void HostileFieldsTest::SpoilEachField(const Method& method) {
  ForEachField(*method.valid, [&](const FieldPath& path) {
    SCOPED_TRACE(RuleOf(*method.valid, path));
    const FieldRule* const rule = FindRule(*method.valid, path);
    ASSERT_NE(rule, nullptr) << "has no rule in field_rules_testing.h";
    for (const HostileValue& value : HostileValues(path.back())) {
      SCOPED_TRACE(value.kind);
      const auto request = Spoiled(*method.valid, path, value);
      const Outcome outcome = method.send(*request);
      ExpectCheckedByTheTable(*request, SmallJobLimits(),
                              RuleOf(*method.valid, path), outcome.status);
      if (!outcome.status.ok()) {
        ExpectRefused(outcome.status, path);
      } else if (outcome.taken) {
        EXPECT_TRUE(MayBeTaken(*rule, value.kind)) << "was taken";
      }
      ExpectBounded();
    }
  });
}

TEST_F(HostileFieldsTest, EveryMethodTakesItsValidRequest) {
  for (const auto& [name, method] : methods_) {
    SCOPED_TRACE(name);
    const Outcome outcome = method.send(*method.valid);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    EXPECT_TRUE(outcome.taken);
  }
}

TEST_F(HostileFieldsTest, EveryMethodOfTheServicesIsHere) {
  std::set<std::string> named;
  for (const char* service : {"Jobs", "Workers", "Artifacts", "Access"}) {
    const auto* const descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            absl::StrCat("atelier.v1.", service));
    ASSERT_NE(descriptor, nullptr);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto& method = *descriptor->method(i);
      const std::string name = absl::StrCat(service, ".", method.name());
      named.insert(name);
      ASSERT_EQ(methods_.count(name), 1u) << name;
      EXPECT_EQ(methods_[name].valid->GetDescriptor(), method.input_type());
    }
  }
  EXPECT_EQ(named.size(), methods_.size());
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutJobsIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Jobs.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfAWorkersCallIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Workers.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutArtifactsIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Artifacts.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutAccessIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Access.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, ARequestOverTheWiresBoundIsRefused) {
  v1::JobSpec spec = SmallJob();
  spec.set_name(std::string(size_t{17} << 20, 'x'));
  v1::Job job;
  EXPECT_EQ(Submit(spec, &job).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace atelier
