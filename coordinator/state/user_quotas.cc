#include "coordinator/state/user_quotas.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace atelier {

absl::Status QuotaExhausted(const std::string& user, const QuotaName& name,
                            const QuotaUse& use) {
  const std::string whose =
      user.empty() ? "jobs without a user" : absl::StrCat("user ", user);
  const std::string more =
      use.asked > 0 ? absl::StrCat(" and asked for ", use.asked, " more") : "";
  const std::string how = user.empty()
                              ? "its coordinator's flag"
                              : absl::StrCat("atelier quota set --user ", user,
                                             " ", name.option, " N");
  return absl::ResourceExhaustedError(absl::StrCat(
      whose, ": has ", use.has, " ", name.what, more, ", the quota is ",
      use.most, "; an admin can change it (", how, ")"));
}

void UserQuotas::Restore(std::vector<QuotaRecord> stored) {
  set_.clear();
  for (QuotaRecord& quota : stored) {
    std::string user = quota.user;
    set_[std::move(user)] = std::move(quota);
  }
}

bool UserQuotas::Set(const QuotaRecord& quota) {
  const bool is_anything = quota.max_queued_tasks.has_value() ||
                           quota.max_running_tasks.has_value() ||
                           quota.max_artifact_bytes.has_value();
  if (is_anything) {
    set_[quota.user] = quota;
  } else {
    set_.erase(quota.user);
  }
  return is_anything;
}

UserQuota UserQuotas::Of(const std::string& user) const {
  const auto found = set_.find(user);
  if (found == set_.end()) return defaults_;
  const QuotaRecord& set = found->second;
  return {set.max_queued_tasks.value_or(defaults_.max_queued_tasks),
          set.max_running_tasks.value_or(defaults_.max_running_tasks),
          set.max_artifact_bytes.value_or(defaults_.max_artifact_bytes)};
}

}  // namespace atelier
