#include "coordinator/api/grpc/request_checks.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/access.pb.h"
#include "atelier/v1/artifacts.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/ratings.pb.h"
#include "atelier/v1/workers.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/access_requests.h"
#include "coordinator/api/grpc/artifact_requests.h"
#include "coordinator/api/grpc/worker_conversion.h"
#include "coordinator/api/views/audit_requests.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/rating_requests.h"
#include "coordinator/api/views/text_rules.h"

namespace atelier {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using RequestCheck =
    std::function<absl::Status(const Message& request, const JobLimits&)>;

absl::Status StatusIn(const absl::Status& status) { return status; }
template <typename Value>
absl::Status StatusIn(const absl::StatusOr<Value>& checked) {
  return checked.status();
}

/// The checks of all requests, by their type.
class RequestTable {
 public:
  RequestTable() {
    AddJobs();
    AddWorkers();
    AddArtifacts();
    AddAccess();
    AddRatings();
  }

  const RequestCheck* Find(const Descriptor* type) const {
    const auto found = checks_.find(type);
    return found == checks_.end() ? nullptr : &found->second;
  }

 private:
  // Of a request whose check is `check(request)`, a Status or a StatusOr.
  template <typename Request, typename CheckFn>
  void Add(CheckFn check) {
    checks_[Request::descriptor()] = [check](const Message& request,
                                             const JobLimits& /*limits*/) {
      return StatusIn(check(dynamic_cast<const Request&>(request)));
    };
  }
  template <typename Request>
  void AddChecked() {
    Add<Request>([](const Request& one) { return CheckedRequest(one); });
  }
  template <typename Request>
  void AddOfJob() {
    Add<Request>([](const Request& one) { return CheckJobId(one.job_id()); });
  }
  template <typename Request>
  void AddOfWorker() {
    Add<Request>(
        [](const Request& one) { return CheckWorkerName("name", one.name()); });
  }

  void AddJobs() {
    checks_[v1::SubmitJobRequest::descriptor()] =
        [](const Message& request, const JobLimits& limits) -> absl::Status {
      const auto& submit = dynamic_cast<const v1::SubmitJobRequest&>(request);
      RETURN_IF_ERROR(CheckUniqueId("request_id", submit.request_id()));
      return ValidateJob(submit.spec(), limits).status();
    };
    checks_[v1::PreviewJobRequest::descriptor()] =
        [](const Message& request, const JobLimits& limits) -> absl::Status {
      const auto& preview = dynamic_cast<const v1::PreviewJobRequest&>(request);
      RETURN_IF_ERROR(CheckedRequest(preview).status());
      return ValidateJob(preview.spec(), limits).status();
    };
    AddOfJob<v1::GetJobRequest>();
    AddChecked<v1::ListJobsRequest>();
    AddChecked<v1::ListTasksRequest>();
    AddOfJob<v1::ListAttemptsRequest>();
    AddOfJob<v1::WatchJobRequest>();
    AddOfJob<v1::CancelJobRequest>();
    AddOfJob<v1::PauseJobRequest>();
    AddOfJob<v1::ResumeJobRequest>();
    Add<v1::RetryJobRequest>(
        [](const v1::RetryJobRequest& one) { return CheckRequest(one); });
    AddOfJob<v1::DeleteJobRequest>();
    Add<v1::SetJobPriorityRequest>(
        [](const v1::SetJobPriorityRequest& one) { return CheckRequest(one); });
    Add<v1::RepairJobRequest>(
        [](const v1::RepairJobRequest& one) { return CheckRequest(one); });
  }

  void AddWorkers() {
    Add<v1::SynchronizeRequest>(
        [](const v1::SynchronizeRequest& one) { return FromProto(one); });
    AddOfWorker<v1::DrainWorkerRequest>();
    AddOfWorker<v1::ReleaseWorkerRequest>();
  }

  void AddArtifacts() {
    AddChecked<v1::FindMissingRequest>();
    Add<v1::UploadRequest>([](const v1::UploadRequest& one) -> absl::Status {
      RETURN_IF_ERROR(CheckChunk(one));
      return CheckedRequest(one).status();
    });
    AddChecked<v1::DownloadRequest>();
    AddChecked<v1::CollectGarbageRequest>();
  }

  void AddAccess() {
    AddChecked<v1::CreateTokenRequest>();
    Add<v1::RevokeTokenRequest>(
        [](const v1::RevokeTokenRequest& one) { return CheckRequest(one); });
    AddChecked<v1::SetQuotaRequest>();
    Add<v1::ListAuditRequest>(
        [](const v1::ListAuditRequest& one) -> absl::Status {
          RETURN_IF_ERROR(CheckedRequest(one).status());
          return PageSize(one.page_size()).status();
        });
  }

  void AddRatings() {
    Add<v1::StarTaskRequest>(
        [](const v1::StarTaskRequest& one) { return CheckRequest(one); });
    Add<v1::JudgeTasksRequest>(
        [](const v1::JudgeTasksRequest& one) { return CheckRequest(one); });
    AddChecked<v1::ListRatingsRequest>();
  }

  std::map<const Descriptor*, RequestCheck> checks_;
};

}  // namespace

std::vector<const google::protobuf::MethodDescriptor*> AllMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::Token::descriptor()->file(),
        v1::UploadRequest::descriptor()->file(), v1::Job::descriptor()->file(),
        v1::TaskRating::descriptor()->file(),
        v1::Worker::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

std::string ShortName(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat(method.service()->name(), ".", method.name());
}

absl::Status CheckAnyRequest(const Message& request, const JobLimits& limits) {
  static const RequestTable& table = *new RequestTable;
  if (const RequestCheck* check = table.Find(request.GetDescriptor())) {
    return (*check)(request, limits);
  }
  if (request.GetDescriptor()->field_count() == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(request.GetDescriptor()->full_name(),
                                          ": no check in request_checks.cc"));
}

}  // namespace atelier
