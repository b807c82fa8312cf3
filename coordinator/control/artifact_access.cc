#include "coordinator/control/artifact_access.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/state/job_spec.h"

namespace atelier {
namespace {

Verb DownloadVerb(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::kCheckpoint:
      return Verb::kDownloadCheckpoint;
    case ArtifactKind::kPreview:
      return Verb::kDownloadPreview;
    case ArtifactKind::kLog:
      return Verb::kDownloadLog;
    default:
      return Verb::kDownloadArtifact;
  }
}

Verb UploadVerb(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::kCheckpoint:
      return Verb::kUploadCheckpoint;
    case ArtifactKind::kPreview:
      return Verb::kUploadPreview;
    case ArtifactKind::kLog:
      return Verb::kUploadLog;
    default:
      return Verb::kUploadArtifact;
  }
}

// A task's, and nobody else's.
bool IsOfTask(ArtifactKind kind) {
  return kind == ArtifactKind::kPreview || kind == ArtifactKind::kLog;
}

std::string PlaceOf(const AttemptToken& attempt, const std::string& digest) {
  return absl::StrCat(attempt.render_key.value(), " ", attempt.number, " ",
                      attempt.epoch, " ", digest);
}

bool Names(const JobSpec& spec, const std::string& digest) {
  const std::vector<const std::string*> named = NamedInputs(spec);
  return std::any_of(named.begin(), named.end(),
                     [&](const std::string* one) { return *one == digest; });
}

bool IsWorkerOnly(const Caller& caller) {
  return caller.roles.Has(Role::kWork) &&
         !caller.roles.Overlaps({Role::kSubmit, Role::kAdmin});
}

}  // namespace

absl::Status ArtifactAccess::CheckDownload(const Caller& caller,
                                           const ArtifactUse& use,
                                           ArtifactKind kind,
                                           const std::string& digest) {
  RETURN_IF_ERROR(CheckAccess(caller, DownloadVerb(kind)));
  if (caller.roles.Has(Role::kAdmin)) return absl::OkStatus();
  if (!use.job.value().empty() && kind == ArtifactKind::kArtifact &&
      !IsWorkerOnly(caller)) {
    return CheckNamedByJob(caller, use, digest);
  }
  if (IsOfTask(kind)) return CheckNamedByTask(caller, use, kind, digest);
  if (!use.attempt.has_value()) {
    return InvalidArgument(
        IsWorkerOnly(caller) ? "attempt" : "job_id",
        ": not given; a digest is not enough, say what it is wanted for");
  }
  ASSIGN_OR_RETURN(const bool is_read,
                   control_.IsRead(*use.attempt, kind, digest));
  if (is_read) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(
      "attempt: does not run, or does not read ", Name(kind), " ", digest));
}

absl::Status ArtifactAccess::CheckNamedByJob(const Caller& caller,
                                             const ArtifactUse& use,
                                             const std::string& digest) {
  if (!use.task_index.has_value()) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobSpec> spec,
                     control_.GetSpec(caller, use.job));
    if (Names(*spec, digest)) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat("job ", use.job.value(), " has no input ", digest));
  }
  const int64_t index = *use.task_index;
  // Without the job's spec, which may be large.
  ASSIGN_OR_RETURN(const std::vector<TaskPicture> pictures,
                   control_.FindPictures(caller, use.job, {index}));
  if (!pictures.empty() && pictures.front().digest == digest) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat(
      "task ", index, " of job ", use.job.value(), " has no picture ", digest));
}

absl::Status ArtifactAccess::CheckNamedByTask(const Caller& caller,
                                              const ArtifactUse& use,
                                              ArtifactKind kind,
                                              const std::string& digest) {
  if (use.job.value().empty() || !use.task_index.has_value()) {
    return InvalidArgument(use.job.value().empty() ? "job_id" : "task_index",
                           ": not given; say of which task it is a ",
                           Name(kind));
  }
  const TaskId task{use.job, *use.task_index};
  ASSIGN_OR_RETURN(const bool is_named,
                   control_.IsNamedByTask(caller, task, kind, digest));
  if (is_named) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("task ", task.index, " of job ",
                                          task.job.value(), " has no ",
                                          Name(kind), " ", digest));
}

absl::StatusOr<bool> ArtifactAccess::CheckUpload(const Caller& caller,
                                                 const ArtifactUse& use,
                                                 ArtifactKind kind) {
  RETURN_IF_ERROR(CheckAccess(caller, UploadVerb(kind)));
  bool is_running = false;
  if (use.attempt.has_value()) {
    ASSIGN_OR_RETURN(is_running, control_.IsRunning(*use.attempt));
  }
  if (is_running || !(IsWorkerOnly(caller) || IsOfTask(kind))) {
    return is_running;
  }
  if (!use.attempt.has_value()) {
    return InvalidArgument(
        "attempt: not given; a worker uploads what an attempt has made");
  }
  return absl::FailedPreconditionError(
      "attempt: does not run; what it has made is not wanted any more");
}

void ArtifactAccess::NoteMade(const AttemptToken& attempt,
                              const std::string& digest) {
  absl::MutexLock lock(&mutex_);
  made_.MakeRoom(1, static_cast<int64_t>(most_brought_));
  made_.Add(PlaceOf(attempt, digest), {}, 1);
}

absl::Status ArtifactAccess::CheckThumbnail(const AttemptToken& attempt,
                                            const std::string& of_digest) {
  {
    absl::MutexLock lock(&mutex_);
    if (made_.Find(PlaceOf(attempt, of_digest)) != nullptr) {
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(
      const bool is_read,
      control_.IsRead(attempt, ArtifactKind::kArtifact, of_digest));
  if (is_read) return absl::OkStatus();
  return InvalidArgument("thumbnail_of: ", of_digest,
                         " is neither an input of the attempt's render nor "
                         "what it has uploaded");
}

bool ArtifactAccess::MayKnow(const Caller& caller, const std::string& digest) {
  if (!control_.SeesOnlyOwn(caller) || IsWorkerOnly(caller)) return true;
  absl::MutexLock lock(&mutex_);
  const auto found = places_.find({caller.name, digest});
  if (found == places_.end()) return false;
  brought_.splice(brought_.end(), brought_, found->second);
  return true;
}

std::set<std::string> ArtifactAccess::KnownTo(
    const Caller& caller, const std::set<std::string>& present) {
  std::set<std::string> known;
  for (const std::string& digest : present) {
    if (MayKnow(caller, digest)) known.insert(digest);
  }
  return known;
}

void ArtifactAccess::NoteBrought(const Caller& caller,
                                 const std::string& digest) {
  if (!control_.SeesOnlyOwn(caller) || IsWorkerOnly(caller)) return;
  absl::MutexLock lock(&mutex_);
  const Brought one(caller.name, digest);
  const auto [place, is_new] = places_.try_emplace(one, brought_.end());
  if (is_new) {
    place->second = brought_.insert(brought_.end(), one);
  } else {
    brought_.splice(brought_.end(), brought_, place->second);
  }
  if (places_.size() <= most_brought_) return;
  places_.erase(brought_.front());
  brought_.pop_front();
}

}  // namespace atelier
