#include "coordinator/control/quota_control.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/state/cluster_state.h"

namespace atelier {
namespace {

void Apply(const std::optional<int64_t>& change, std::optional<int64_t>& to) {
  if (!change.has_value()) return;
  to = change;
  if (*change == QuotaUpdate::kByDefault) to.reset();
}

absl::Status DecideQuota(ClusterState& state, const QuotaUpdate& update) {
  const std::map<std::string, QuotaRecord>& set = state.quotas().set();
  const auto found = set.find(update.user);
  if (found == set.end() && set.size() >= QuotaControl::kMost) {
    return absl::ResourceExhaustedError(
        absl::StrCat("user ", update.user, ": ", set.size(),
                     " users have a quota of their own, which are the most; "
                     "set some to default"));
  }
  QuotaRecord quota = found == set.end() ? QuotaRecord() : found->second;
  quota.user = update.user;
  Apply(update.max_queued_tasks, quota.max_queued_tasks);
  Apply(update.max_running_tasks, quota.max_running_tasks);
  Apply(update.max_artifact_bytes, quota.max_artifact_bytes);
  state.SetQuota(quota);
  return absl::OkStatus();
}

// "queued tasks 10, artifact bytes default": for the audit log.
std::string Described(const QuotaUpdate& update) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view name,
                       const std::optional<int64_t>& change) {
    if (!change.has_value()) return;
    parts.push_back(*change == QuotaUpdate::kByDefault
                        ? absl::StrCat(name, " default")
                        : absl::StrCat(name, " ", *change));
  };
  add("queued tasks", update.max_queued_tasks);
  add("running tasks", update.max_running_tasks);
  add("artifact bytes", update.max_artifact_bytes);
  return absl::StrJoin(parts, ", ");
}

}  // namespace

QuotaControl::QuotaControl(DecisionLoop& loop, const OwnerBytes* bytes,
                           Call call)
    : loop_(loop), bytes_(bytes), call_(std::move(call)) {}

absl::StatusOr<QuotaView> QuotaControl::Set(const Caller& caller,
                                            const QuotaUpdate& update) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kSetQuota));
  LoopCommand command;
  command.audit = std::make_shared<AuditRecord>(
      AuditEntry(caller, Verb::kSetQuota, absl::UnixEpoch()));
  command.audit->target = update.user;
  command.audit->message = Described(update);
  command.decide = [update, entry = command.audit](ClusterState& state,
                                                   absl::Time now) {
    entry->at = now;
    return DecideQuota(state, update);
  };
  RETURN_IF_ERROR(call_(std::move(command)));
  return Views(update.user).front();
}

absl::StatusOr<std::vector<QuotaView>> QuotaControl::List(
    const Caller& caller) {
  if (CheckAccess(caller, Verb::kListQuotas).ok()) return Views(std::nullopt);
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kReadOwnQuota));
  return Views(caller.name);
}

UserQuota QuotaControl::Of(const std::string& user) {
  absl::MutexLock lock(&loop_.mu());
  return loop_.state().quotas().Of(user);
}

std::vector<QuotaView> QuotaControl::Views(
    const std::optional<std::string>& only) {
  std::map<std::string, QuotaView> views;
  // The view of a user that is to be shown; else null.
  const auto view_of = [&](const std::string& user) -> QuotaView* {
    if (only.has_value() && user != *only) return nullptr;
    return &views[user];
  };
  if (only.has_value()) views[*only];
  if (bytes_ != nullptr) {
    for (const auto& [user, bytes] : bytes_->All()) {
      if (QuotaView* const view = view_of(user)) view->artifact_bytes = bytes;
    }
  }
  absl::MutexLock lock(&loop_.mu());
  const ClusterState& state = loop_.state();
  for (const auto& [user, quota] : state.quotas().set()) {
    if (QuotaView* const view = view_of(user)) view->set = quota;
  }
  for (const auto& [user, jobs] : state.jobs().users()) {
    QuotaView* const view = view_of(user);
    if (view == nullptr) continue;
    view->queued_tasks = jobs.queued;
    view->running_tasks = jobs.leased;
  }
  std::vector<QuotaView> list;
  for (auto& [user, view] : views) {
    if (list.size() == kMost) break;
    view.user = user;
    view.bounds = state.quotas().Of(user);
    list.push_back(std::move(view));
  }
  return list;
}

}  // namespace atelier
