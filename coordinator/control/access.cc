#include "coordinator/control/access.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr Role kAllRoles[] = {Role::kRead, Role::kSubmit, Role::kWork,
                              Role::kAdmin};

constexpr Roles kNone;
constexpr Roles kSubmit{Role::kSubmit};
constexpr Roles kWork{Role::kWork};
// Who submits sees the queue that he waits in, others' jobs included.
constexpr Roles kSee{Role::kRead, Role::kSubmit};
// A worker gets its renders with its leases: it needs to see bytes, not jobs.
constexpr Roles kFetch{Role::kRead, Role::kSubmit, Role::kWork};
constexpr Roles kStore{Role::kSubmit, Role::kWork};

// verb, action, name, any, own
constexpr AccessRule kRules[] = {
    {Verb::kSubmitJob, "submit-job", "submit a job", kSubmit, kNone},
    {Verb::kPreviewJob, "preview-job", "preview a job", kSubmit, kNone},
    {Verb::kListJobs, "list-jobs", "list jobs", kSee, kNone},
    {Verb::kReadJob, "read-job", "read it", kSee, kNone},
    {Verb::kRateJob, "rate-job", "rate it", kSubmit, kNone},
    {Verb::kCancelJob, "cancel-job", "cancel it", kNone, kSubmit},
    {Verb::kRetryJob, "retry-job", "retry it", kNone, kSubmit},
    {Verb::kDeleteJob, "delete-job", "delete it", kNone, kSubmit},
    {Verb::kRepairJob, "repair-job", "repair it", kNone, kSubmit},
    {Verb::kPauseJob, "pause-job", "pause it", kNone, kSubmit},
    {Verb::kResumeJob, "resume-job", "resume it", kNone, kSubmit},
    {Verb::kSetJobPriority, "set-job-priority", "set its priority", kNone,
     kSubmit},
    {Verb::kRaisePriority, "raise-priority", "raise a priority above 0", kNone,
     kNone},
    {Verb::kListWorkers, "list-workers", "list workers", kSee, kNone},
    {Verb::kDrainWorker, "drain-worker", "drain a worker", kNone, kNone},
    {Verb::kReleaseWorker, "release-worker", "release a worker", kNone, kNone},
    {Verb::kSynchronize, "synchronize", "take work", kWork, kNone},
    {Verb::kFindArtifacts, "find-artifacts", "look for artifacts", kSubmit,
     kNone},
    {Verb::kUploadArtifact, "upload-artifact", "upload an artifact", kStore,
     kNone},
    {Verb::kDownloadArtifact, "download-artifact", "download an artifact",
     kFetch, kNone},
    {Verb::kUploadCheckpoint, "upload-checkpoint", "upload a checkpoint", kWork,
     kNone},
    {Verb::kDownloadCheckpoint, "download-checkpoint", "download a checkpoint",
     kWork, kNone},
    {Verb::kUploadPreview, "upload-preview", "upload a preview", kWork, kNone},
    {Verb::kDownloadPreview, "download-preview", "download a preview", kSee,
     kNone},
    {Verb::kUploadLog, "upload-log", "upload a log", kWork, kNone},
    {Verb::kDownloadLog, "download-log", "download a log", kSee, kNone},
    {Verb::kCollectGarbage, "collect-garbage", "collect garbage", kNone, kNone},
    {Verb::kReadMetrics, "read-metrics", "read metrics", kSee, kNone},
    {Verb::kReflect, "reflect", "list services", kSee, kNone},
    {Verb::kCreateToken, "create-token", "create a token", kNone, kNone},
    {Verb::kListTokens, "list-tokens", "list tokens", kNone, kNone},
    {Verb::kRevokeToken, "revoke-token", "revoke a token", kNone, kNone},
    {Verb::kReadAudit, "read-audit", "read the audit log", kNone, kNone},
    {Verb::kNameAnotherUser, "name-another-user", "submit for another user",
     kNone, kNone},
    {Verb::kSetQuota, "set-quota", "set a quota", kNone, kNone},
    {Verb::kListQuotas, "list-quotas", "list quotas", kNone, kNone},
    {Verb::kReadOwnQuota, "read-own-quota", "see its own quota", kSubmit,
     kNone},
};

// A verb without a row is left to admins.
constexpr AccessRule kUnlisted{Verb{}, "unlisted", "do this", kNone, kNone};

constexpr char kDeniedActionUrl[] = "atelier/denied-action";

// For people, and for the audit log.
absl::Status Denied(const AccessRule& rule, absl::string_view message) {
  absl::Status status = absl::PermissionDeniedError(message);
  status.SetPayload(kDeniedActionUrl, absl::Cord(rule.action));
  return status;
}

bool IsAllowed(const Caller& caller, Roles roles) {
  return caller.roles.Has(Role::kAdmin) || caller.roles.Overlaps(roles);
}

// "read, submit"
std::string NamesOf(Roles roles) {
  std::vector<absl::string_view> names;
  for (const Role role : kAllRoles) {
    if (roles.Has(role)) names.push_back(Name(role));
  }
  return absl::StrJoin(names, ", ");
}

// A name that somebody chose.
std::string Shown(absl::string_view name) {
  return name.empty() ? "nobody" : ClippedText(name, kMaxQuotedBytes);
}

std::string Refusal(const Caller& caller, const AccessRule& rule) {
  return absl::StrCat(Shown(caller.name), " may not ", rule.name, ": ");
}

// "has submit"
std::string Held(const Caller& caller) {
  return absl::StrCat("has ",
                      caller.roles.empty() ? "none" : NamesOf(caller.roles));
}

std::string Need(const AccessRule& rule) {
  return rule.any.empty()
             ? absl::StrCat("needs the role ", Name(Role::kAdmin))
             : absl::StrCat("needs one of the roles ", NamesOf(rule.any), ", ",
                            Name(Role::kAdmin));
}

}  // namespace

absl::string_view Name(Role role) {
  switch (role) {
    case Role::kRead:
      return "read";
    case Role::kSubmit:
      return "submit";
    case Role::kWork:
      return "work";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> ParseRole(absl::string_view name) {
  for (const Role role : kAllRoles) {
    if (Name(role) == name) return role;
  }
  return std::nullopt;
}

absl::Span<const AccessRule> AccessRules() { return kRules; }

const AccessRule& RuleOf(Verb verb) {
  for (const AccessRule& rule : kRules) {
    if (rule.verb == verb) return rule;
  }
  return kUnlisted;
}

absl::Status HiddenJob(Verb verb, const JobId& job) {
  absl::Status status =
      absl::NotFoundError(absl::StrCat("no job ", job.value()));
  status.SetPayload(kDeniedActionUrl, absl::Cord(RuleOf(verb).action));
  return status;
}

std::string DeniedAction(const absl::Status& status) {
  const absl::optional<absl::Cord> action = status.GetPayload(kDeniedActionUrl);
  return action.has_value() ? std::string(*action) : "";
}

absl::Status CheckAccess(const Caller& caller, Verb verb) {
  const AccessRule& rule = RuleOf(verb);
  if (IsAllowed(caller, rule.any)) return absl::OkStatus();
  return Denied(rule, absl::StrCat(Refusal(caller, rule), Need(rule), ", ",
                                   Held(caller)));
}

absl::Status CheckMayRaise(const Caller& caller, absl::string_view field,
                           int priority) {
  if (priority <= 0) return absl::OkStatus();
  return Annotate(CheckAccess(caller, Verb::kRaisePriority),
                  absl::StrCat(field, ": ", priority, " given"));
}

absl::Status CheckJobAccess(
    const Caller& caller, Verb verb, const JobId& job,
    absl::FunctionRef<absl::StatusOr<std::string>()> owner_of) {
  const AccessRule& rule = RuleOf(verb);
  if (IsAllowed(caller, rule.any)) return absl::OkStatus();
  const auto denied = [&](absl::string_view why) {
    return Denied(
        rule,
        absl::StrCat("job ", ClippedText(job.value(), kMaxQuotedBytes), ": ",
                     Refusal(caller, rule), why, ", ", Held(caller)));
  };
  if (!caller.roles.Overlaps(rule.own)) {
    return denied(rule.own.empty()
                      ? Need(rule)
                      : absl::StrCat(Need(rule), ", or ", NamesOf(rule.own),
                                     " for a job of one's own"));
  }
  const absl::StatusOr<std::string> owner = owner_of();
  if (!owner.ok()) return owner.status();
  if (!caller.name.empty() && *owner == caller.name) return absl::OkStatus();
  return denied(absl::StrCat(owner->empty()
                                 ? "it has no owner"
                                 : absl::StrCat("it is ", Shown(*owner), "'s"),
                             "; ", Need(rule)));
}

}  // namespace atelier
