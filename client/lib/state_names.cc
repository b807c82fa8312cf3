#include "client/lib/state_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "atelier/v1/access.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

std::string WithoutPrefix(const std::string& name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

}  // namespace

std::string StateName(v1::TaskState state) {
  return WithoutPrefix(v1::TaskState_Name(state), "TASK_STATE_");
}
std::string StateName(v1::JobState state) {
  return WithoutPrefix(v1::JobState_Name(state), "JOB_STATE_");
}
std::string StateName(v1::Outcome outcome) {
  return WithoutPrefix(v1::Outcome_Name(outcome), "OUTCOME_");
}

std::string StateName(v1::WaitReason reason) {
  if (reason == v1::WAIT_REASON_UNSPECIFIED) return "";
  return WithoutPrefix(v1::WaitReason_Name(reason), "WAIT_REASON_");
}

std::string RoleName(v1::TokenRole role) {
  return WithoutPrefix(v1::TokenRole_Name(role), "TOKEN_ROLE_");
}

std::vector<std::string> TaskStateNames() {
  std::vector<std::string> names;
  for (int i = v1::TaskState_MIN; i <= v1::TaskState_MAX; ++i) {
    const auto state = static_cast<v1::TaskState>(i);
    if (v1::TaskState_IsValid(i) && state != v1::TASK_STATE_UNSPECIFIED) {
      names.push_back(StateName(state));
    }
  }
  return names;
}

std::vector<std::string> JobStateNames() {
  std::vector<std::string> names;
  for (int i = v1::JobState_MIN; i <= v1::JobState_MAX; ++i) {
    const auto state = static_cast<v1::JobState>(i);
    if (v1::JobState_IsValid(i) && state != v1::JOB_STATE_UNSPECIFIED) {
      names.push_back(StateName(state));
    }
  }
  return names;
}

std::optional<v1::JobState> JobStateOf(const std::string& name) {
  v1::JobState state = v1::JOB_STATE_UNSPECIFIED;
  const std::string full =
      absl::StrCat("JOB_STATE_", absl::AsciiStrToUpper(name));
  if (!v1::JobState_Parse(full, &state)) return std::nullopt;
  return state;
}

std::string ShownState(const v1::Job& job) {
  const bool paused = job.paused() && (job.state() == v1::JOB_STATE_RUNNING ||
                                       job.state() == v1::JOB_STATE_QUEUED);
  return paused ? "paused" : StateName(job.state());
}

std::string ShownWait(const v1::Job& job) {
  if (job.state() != v1::JOB_STATE_QUEUED ||
      job.wait_reason() == v1::WAIT_REASON_PAUSED) {
    return "";
  }
  return ClippedText(job.wait_message(), kMaxErrorBytes);
}

std::string ShownTimeLeft(const v1::Job& job) {
  if (!job.has_time_left()) return "";
  const absl::Duration left = absl::Seconds(job.time_left().seconds());
  const absl::Duration step =
      left < absl::Hours(1) ? absl::Seconds(1) : absl::Minutes(1);
  return absl::FormatDuration(absl::Floor(left, step));
}

}  // namespace atelier
