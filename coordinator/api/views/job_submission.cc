#include "coordinator/api/views/job_submission.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.pb.h"
#include "common/artifact_kind.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/api/views/builtin_network.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/job_views.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/control/access.h"
#include "coordinator/control/job_previews.h"
#include "coordinator/state/job_preview.h"

namespace atelier {
namespace {

constexpr size_t kMaxDigestsListed = 10;

using Present = absl::StatusOr<std::set<std::string>>;

// A job is its token's user's, and an admin may name another.
absl::StatusOr<v1::JobSpec> OwnedSpec(const Caller& caller,
                                      const v1::JobSpec& given) {
  v1::JobSpec spec = given;
  if (caller.accessor.empty() || given.user() == caller.name) return spec;
  if (!given.user().empty()) {
    RETURN_IF_ERROR(
        Annotate(CheckAccess(caller, Verb::kNameAnotherUser),
                 absl::StrCat("spec.user: ", Quoted(given.user()), " given; ",
                              Quoted(caller.name), " is this token's")));
  } else {
    spec.set_user(caller.name);
  }
  return spec;
}

// Those that somebody has to bring.
std::vector<std::string> Missing(const std::set<std::string>& digests,
                                 const std::set<std::string>& known) {
  std::vector<std::string> missing;
  for (const std::string& digest : digests) {
    if (known.count(digest) == 0 && digest != BuiltinNetworkDigest()) {
      missing.push_back(digest);
    }
  }
  return missing;
}

absl::Status CheckNone(std::vector<std::string> missing) {
  if (missing.empty()) return absl::OkStatus();
  const size_t count = missing.size();
  missing.resize(std::min(count, kMaxDigestsListed));
  return absl::FailedPreconditionError(absl::StrCat(
      "spec: ", count,
      " of the job's inputs are not in the artifact store; "
      "upload them, then submit again: ",
      absl::StrJoin(missing, ", "), count > missing.size() ? ", ..." : ""));
}

void ShowPreview(const JobPreview& preview,
                 const std::vector<std::string>& missing,
                 v1::PreviewJobResponse& response) {
  response.set_task_count(preview.task_count);
  for (const TaskPreview& task : preview.tasks) {
    *response.add_tasks() = ToProto(task);
  }
  size_t bytes = 0;
  for (const std::string& digest : missing) {
    bytes += digest.size();
    if (bytes > kMaxPageBytes) break;  // A message has a bound.
    response.add_missing_digests(digest);
  }
}

}  // namespace

JobSubmission::JobSubmission(const Rooms& rooms, const JobLimits& limits,
                             std::function<absl::Status()> may_write)
    : rooms_(rooms), limits_(limits), may_write_(std::move(may_write)) {}

JobSubmission::~JobSubmission() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &JobSubmission::IsIdle));
}

JobSubmission::Done JobSubmission::Counted(Done done) {
  {
    absl::MutexLock lock(&mutex_);
    ++running_;
  }
  const std::shared_ptr<void> call(nullptr, [this](void*) {
    absl::MutexLock lock(&mutex_);
    --running_;
  });
  return [call, done = std::move(done)](const absl::Status& status) {
    done(status);
  };
}

absl::Status JobSubmission::Submit(const Caller& caller,
                                   const v1::SubmitJobRequest& request,
                                   v1::Job& response, Done done) {
  // Who may not submit learns nothing of what is stored either.
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kSubmitJob));
  RETURN_IF_ERROR(CheckUniqueId("request_id", request.request_id()));
  if (may_write_) RETURN_IF_ERROR(may_write_());
  ASSIGN_OR_RETURN(v1::JobSpec spec, OwnedSpec(caller, request.spec()));
  ASSIGN_OR_RETURN(ValidJob valid, ValidateJob(spec, limits_));
  const auto job = std::make_shared<ValidJob>(std::move(valid));
  const auto submit = [this, caller, &request, &response, job,
                       spec_bytes = EncodeSpec(spec)]() -> absl::Status {
    ASSIGN_OR_RETURN(
        const JobRecord made,
        rooms_.control.Submit(caller, RequestId(request.request_id()),
                              std::move(job->spec), spec_bytes));
    return ShowJob(rooms_.control, made, response);
  };
  rooms_.artifacts.FindPresent(
      ArtifactKind::kArtifact, job->digests,
      [this, caller, job, submit,
       done = Counted(std::move(done))](const Present& present) {
        if (!present.ok()) return done(present.status());
        const absl::Status found = CheckNone(
            Missing(job->digests, rooms_.access.KnownTo(caller, *present)));
        if (!found.ok()) return done(found);
        const auto go_on = [this, submit, done] {
          rooms_.pool.Schedule([submit, done] { done(submit()); });
        };
        const std::string& builtin = BuiltinNetworkDigest();
        if (job->digests.count(builtin) == 0 || present->count(builtin) > 0) {
          return go_on();
        }
        StoreBuiltinNetwork(
            rooms_.artifacts, [go_on, done](const absl::Status& stored) {
              if (stored.ok()) return go_on();
              done(Annotate(stored, "spec: the built-in network"));
            });
      });
  return absl::OkStatus();
}

// Results count by their pictures, as for assigning work.
absl::Status JobSubmission::Preview(const Caller& caller,
                                    const v1::PreviewJobRequest& request,
                                    v1::PreviewJobResponse& response,
                                    Done done) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kPreviewJob));
  ASSIGN_OR_RETURN(const PageRequest page, CheckedRequest(request));
  ASSIGN_OR_RETURN(const v1::JobSpec spec, OwnedSpec(caller, request.spec()));
  ASSIGN_OR_RETURN(ValidJob valid, ValidateJob(spec, limits_));
  ASSIGN_OR_RETURN(JobPreview preview, rooms_.control.previews().Preview(
                                           caller, std::move(valid.spec),
                                           page.start.value_or(0), page.size));
  std::set<std::string> digests = PicturesOf(preview);
  digests.insert(valid.digests.begin(), valid.digests.end());
  rooms_.artifacts.FindPresent(
      ArtifactKind::kArtifact, digests,
      [this, caller, &response, done = Counted(std::move(done)),
       preview = std::make_shared<JobPreview>(std::move(preview)),
       inputs = std::move(valid.digests)](const Present& present) {
        if (present.ok()) {
          SettleResults(*present, *preview);
          ShowPreview(*preview,
                      Missing(inputs, rooms_.access.KnownTo(caller, *present)),
                      response);
        }
        done(present.status());
      });
  return absl::OkStatus();
}

}  // namespace atelier
