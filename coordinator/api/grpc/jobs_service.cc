#include "coordinator/api/grpc/jobs_service.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/job_conversion.h"
#include "coordinator/api/grpc/text_rules.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
// A page ends early rather than pass the bound on a message.
constexpr size_t kMaxPageBytes = size_t{8} << 20;
constexpr size_t kMaxDigestsListed = 10;
constexpr int kMaxRepairs = 1000;

absl::StatusOr<int> PageSize(int page_size) {
  if (page_size == 0) return kDefaultPageSize;
  if (page_size >= 1 && page_size <= kMaxPageSize) return page_size;
  return InvalidArgument("page_size: ", page_size,
                         " is not allowed; from 0 to ", kMaxPageSize);
}

absl::StatusOr<std::optional<int64_t>> PageStart(const std::string& token) {
  if (token.empty()) return std::nullopt;
  int64_t start = 0;
  if (token.size() > 20 || !absl::SimpleAtoi(token, &start) || start < 0) {
    return absl::InvalidArgumentError(
        "page_token: is not one that this call has answered with");
  }
  return start;
}

absl::Status CheckJobId(const std::string& id) {
  return CheckPrintable("job_id", id, 1, 64);
}

struct JobPage {
  std::vector<JobRecord> jobs;
  bool is_last = true;
};

// Newest first. A row has its whole spec, so that few are read at once: a page
// ends early at the bytes it may have, not after all that it might have had.
absl::StatusOr<JobPage> ReadPage(ControlPlane& control, const Caller& caller,
                                 int size, std::optional<int64_t> before) {
  constexpr int kRowsAtOnce = 16;
  JobPage page;
  size_t bytes = 0;
  while (true) {
    // One more than asked for tells whether there is another page.
    const int wanted =
        std::min(kRowsAtOnce, size + 1 - static_cast<int>(page.jobs.size()));
    ASSIGN_OR_RETURN(std::vector<JobRecord> rows,
                     control.ListJobs(caller, wanted, before));
    for (JobRecord& row : rows) {
      bytes += row.spec_bytes.size();
      if (static_cast<int>(page.jobs.size()) == size ||
          (!page.jobs.empty() && bytes > kMaxPageBytes)) {
        page.is_last = false;
        return page;
      }
      before = row.sequence;
      page.jobs.push_back(std::move(row));
    }
    if (static_cast<int>(rows.size()) < wanted) return page;
  }
}

/// Ends a watch that never began.
class RefusedWatch : public grpc::ServerWriteReactor<v1::JobSnapshot> {
 public:
  explicit RefusedWatch(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

class JobsService : public v1::Jobs::CallbackService {
 public:
  JobsService(ControlPlane& control, ArtifactStore& artifacts,
              JobWatches& watches, const CallSupport& support,
              const JobLimits& limits, std::function<absl::Status()> may_write)
      : control_(control),
        artifacts_(artifacts),
        watches_(watches),
        support_(support),
        limits_(limits),
        may_write_(std::move(may_write)) {}

  Reactor* SubmitJob(Context* context, const v1::SubmitJobRequest* request,
                     v1::Job* response) override {
    return AnswerOn(support_, context,
                    [this, request, response](const Caller& caller) {
                      return Submit(caller, *request, *response);
                    });
  }
  Reactor* GetJob(Context* context, const v1::GetJobRequest* request,
                  v1::Job* response) override {
    return OnJob(context, request, response,
                 [this](const Caller& caller, const JobId& job) {
                   return control_.GetJob(caller, job);
                 });
  }
  Reactor* ListJobs(Context* context, const v1::ListJobsRequest* request,
                    v1::ListJobsResponse* response) override {
    return AnswerOn(support_, context,
                    [this, request, response](const Caller& caller) {
                      return List(caller, *request, *response);
                    });
  }
  Reactor* ListTasks(Context* context, const v1::ListTasksRequest* request,
                     v1::ListTasksResponse* response) override {
    return AnswerOn(support_, context,
                    [this, request, response](const Caller& caller) {
                      return List(caller, *request, *response);
                    });
  }
  grpc::ServerWriteReactor<v1::JobSnapshot>* WatchJob(
      Context* context, const v1::WatchJobRequest* request) override {
    absl::StatusOr<Caller> caller = support_.authenticate(*context);
    if (!caller.ok()) return new RefusedWatch(caller.status());
    if (const absl::Status status = CheckJobId(request->job_id());
        !status.ok()) {
      return new RefusedWatch(status);
    }
    return watches_.Begin(*std::move(caller), JobId(request->job_id()),
                          context->peer());
  }
  Reactor* CancelJob(Context* context, const v1::CancelJobRequest* request,
                     v1::Job* response) override {
    return OnJob(context, request, response,
                 [this](const Caller& caller, const JobId& job) {
                   return control_.Cancel(caller, job);
                 });
  }
  Reactor* PauseJob(Context* context, const v1::PauseJobRequest* request,
                    v1::Job* response) override {
    return OnJob(context, request, response,
                 [this](const Caller& caller, const JobId& job) {
                   return control_.Pause(caller, job);
                 });
  }
  Reactor* ResumeJob(Context* context, const v1::ResumeJobRequest* request,
                     v1::Job* response) override {
    return OnJob(context, request, response,
                 [this](const Caller& caller, const JobId& job) {
                   return control_.Resume(caller, job);
                 });
  }
  Reactor* SetJobPriority(Context* context,
                          const v1::SetJobPriorityRequest* request,
                          v1::Job* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckJobId(request->job_id()));
          RETURN_IF_ERROR(CheckPriority("priority", request->priority()));
          return Give(control_.SetPriority(caller, JobId(request->job_id()),
                                           request->priority()),
                      *response);
        });
  }
  Reactor* RetryJob(Context* context, const v1::RetryJobRequest* request,
                    v1::Job* response) override {
    return OnJob(context, request, response,
                 [this](const Caller& caller, const JobId& job) {
                   return control_.Retry(caller, job);
                 });
  }
  Reactor* RepairJob(Context* context, const v1::RepairJobRequest* request,
                     v1::RepairJobResponse* response) override {
    return AnswerOn(support_, context,
                    [this, request, response](const Caller& caller) {
                      return Repair(caller, *request, *response);
                    });
  }

 private:
  // Answers with the job as `call` has left it.
  template <typename Request, typename Call>
  Reactor* OnJob(Context* context, const Request* request, v1::Job* response,
                 Call call) {
    return AnswerOn(
        support_, context,
        [this, request, response, call](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckJobId(request->job_id()));
          return Give(call(caller, JobId(request->job_id())), *response);
        });
  }

  absl::Status Repair(const Caller& caller, const v1::RepairJobRequest& request,
                      v1::RepairJobResponse& response) {
    RETURN_IF_ERROR(CheckJobId(request.job_id()));
    const int count = request.task_indices_size();
    if (count < 1 || count > kMaxRepairs) {
      return InvalidArgument("task_indices: ", count, " given; from 1 to ",
                             kMaxRepairs);
    }
    const JobId id(request.job_id());
    ASSIGN_OR_RETURN(const std::vector<TaskPicture> lost,
                     FindLost(caller, request));
    if (!lost.empty()) {
      ASSIGN_OR_RETURN(const std::vector<int64_t> queued,
                       control_.Repair(caller, id, lost));
      response.mutable_queued_indices()->Assign(queued.begin(), queued.end());
    }
    return Give(control_.GetJob(caller, id), *response.mutable_job());
  }

  // Of the tasks that were asked about: those whose picture is gone or
  // damaged.
  absl::StatusOr<std::vector<TaskPicture>> FindLost(
      const Caller& caller, const v1::RepairJobRequest& request) {
    const JobId id(request.job_id());
    ASSIGN_OR_RETURN(const JobRecord job, control_.GetJob(caller, id));
    const std::set<int64_t> indices(request.task_indices().begin(),
                                    request.task_indices().end());
    if (*indices.begin() < 0 || *indices.rbegin() >= job.task_count) {
      return InvalidArgument("task_indices: from ", *indices.begin(), " to ",
                             *indices.rbegin(), " given; job ", id.value(),
                             " has the tasks 0 to ", job.task_count - 1);
    }
    ASSIGN_OR_RETURN(const std::vector<TaskPicture> pictures,
                     control_.FindPictures(caller, id, indices));
    std::vector<TaskPicture> lost;
    for (const TaskPicture& one : pictures) {
      ASSIGN_OR_RETURN(const bool is_whole,
                       ReadsToItsEnd(artifacts_, one.digest));
      if (!is_whole) lost.push_back(one);
    }
    return lost;
  }

  absl::Status Submit(const Caller& caller, const v1::SubmitJobRequest& request,
                      v1::Job& response) {
    // Who may not submit learns nothing of what is stored either.
    RETURN_IF_ERROR(CheckAccess(caller, Verb::kSubmitJob));
    RETURN_IF_ERROR(CheckUniqueId("request_id", request.request_id()));
    if (may_write_) RETURN_IF_ERROR(may_write_());
    ASSIGN_OR_RETURN(ValidJob job, ValidateJob(request.spec(), limits_));
    RETURN_IF_ERROR(CheckPresent(job.digests));
    return Give(
        control_.Submit(caller, RequestId(request.request_id()),
                        std::move(job.spec), EncodeSpec(request.spec())),
        response);
  }

  // The job as the store has it, and why it waits: whoever gets the one may
  // know the other.
  absl::Status Give(const absl::StatusOr<JobRecord>& job, v1::Job& response) {
    RETURN_IF_ERROR(job.status());
    ASSIGN_OR_RETURN(const std::vector<Wait> waits,
                     control_.WaitsOf(CoordinatorItself(), {job->id}));
    ASSIGN_OR_RETURN(response, ToProto(*job, waits.front()));
    return absl::OkStatus();
  }

  absl::Status CheckPresent(const std::set<std::string>& digests) {
    std::vector<std::string> missing;
    for (const std::string& digest : digests) {
      ASSIGN_OR_RETURN(const bool known, artifacts_.Has(digest));
      if (!known) missing.push_back(digest);
    }
    if (missing.empty()) return absl::OkStatus();
    const size_t count = missing.size();
    missing.resize(std::min(count, kMaxDigestsListed));
    return absl::FailedPreconditionError(absl::StrCat(
        "spec: ", count,
        " of the job's inputs are not in the artifact store; "
        "upload them, then submit again: ",
        absl::StrJoin(missing, ", "), count > missing.size() ? ", ..." : ""));
  }

  absl::Status List(const Caller& caller, const v1::ListJobsRequest& request,
                    v1::ListJobsResponse& response) {
    ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
    ASSIGN_OR_RETURN(const std::optional<int64_t> before,
                     PageStart(request.page_token()));
    ASSIGN_OR_RETURN(const JobPage page,
                     ReadPage(control_, caller, size, before));
    std::vector<JobId> ids;
    for (const JobRecord& job : page.jobs) ids.push_back(job.id);
    ASSIGN_OR_RETURN(const std::vector<Wait> waits,
                     control_.WaitsOf(caller, ids));
    for (size_t i = 0; i < page.jobs.size(); ++i) {
      ASSIGN_OR_RETURN(*response.add_jobs(), ToProto(page.jobs[i], waits[i]));
    }
    if (!page.is_last) {
      response.set_next_page_token(absl::StrCat(page.jobs.back().sequence));
    }
    return absl::OkStatus();
  }

  absl::Status List(const Caller& caller, const v1::ListTasksRequest& request,
                    v1::ListTasksResponse& response) {
    RETURN_IF_ERROR(CheckJobId(request.job_id()));
    ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
    ASSIGN_OR_RETURN(const std::optional<int64_t> first,
                     PageStart(request.page_token()));
    ASSIGN_OR_RETURN(const TaskPage page,
                     control_.ListTasks(caller, JobId(request.job_id()),
                                        first.value_or(0), size));
    size_t bytes = 0;
    for (const TaskView& task : page.tasks) {
      v1::Task proto = ToProto(task);
      bytes += proto.ByteSizeLong();
      if (response.tasks_size() > 0 && bytes > kMaxPageBytes) {
        response.set_next_page_token(absl::StrCat(task.index));
        return absl::OkStatus();
      }
      *response.add_tasks() = std::move(proto);
    }
    if (page.next_index.has_value()) {
      response.set_next_page_token(absl::StrCat(*page.next_index));
    }
    return absl::OkStatus();
  }

  ControlPlane& control_;
  ArtifactStore& artifacts_;
  JobWatches& watches_;
  const CallSupport& support_;
  const JobLimits limits_;
  const std::function<absl::Status()> may_write_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeJobsService(
    ControlPlane& control, ArtifactStore& artifacts, JobWatches& watches,
    const CallSupport& support, const JobLimits& limits,
    std::function<absl::Status()> may_write) {
  return std::make_unique<JobsService>(control, artifacts, watches, support,
                                       limits, std::move(may_write));
}

}  // namespace atelier
