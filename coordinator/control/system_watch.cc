#include "coordinator/control/system_watch.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace atelier {
namespace {

constexpr absl::Duration kPointEvery = absl::Seconds(10);
constexpr absl::Duration kOfLate = absl::Hours(1);

// As the alerts of monitoring/alerts.yml judge.
constexpr absl::Duration kJudged = absl::Minutes(15);
constexpr absl::Duration kGuessing = absl::Minutes(10);
constexpr int64_t kManyFailedAuthentications = 100;
constexpr absl::Duration kCertificateNotice = absl::Hours(24 * 14);

int64_t FailuresIn(const DecisionCounts& counts) {
  int64_t failures = 0;
  for (const Outcome outcome :
       {Outcome::kOutOfMemory, Outcome::kDiverged, Outcome::kInvalidInput,
        Outcome::kInternal, Outcome::kCrashed, Outcome::kStalled}) {
    failures += counts.outcomes[static_cast<int>(outcome)];
  }
  return failures;
}

int64_t AttemptsIn(const DecisionCounts& counts) {
  int64_t attempts = 0;
  for (const int64_t count : counts.outcomes) attempts += count;
  return attempts;
}

std::string Counted(int64_t count, absl::string_view one,
                    absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

}  // namespace

// Gathers what is wrong, in the order that it is said.
class SystemWatch::Judge {
 public:
  Judge(std::map<std::string, absl::Time>& since, absl::Time now)
      : since_(since), now_(now) {}

  void Say(const char* name, ConditionState state, std::string message,
           const char* advice) {
    Condition condition{name};
    if (state == ConditionState::kOk) {
      since_.erase(name);
    } else {
      condition.state = state;
      condition.message = std::move(message);
      condition.advice = advice;
      condition.since = since_.try_emplace(name, now_).first->second;
    }
    conditions_.push_back(std::move(condition));
  }
  void Warn(const char* name, bool is_wrong, std::string message,
            const char* advice) {
    Say(name, is_wrong ? ConditionState::kWarning : ConditionState::kOk,
        std::move(message), advice);
  }
  void Alarm(const char* name, const absl::Status& status, const char* advice) {
    Say(name, status.ok() ? ConditionState::kOk : ConditionState::kCritical,
        std::string(status.message()), advice);
  }

  std::vector<Condition> TakeConditions() {
    std::stable_sort(conditions_.begin(), conditions_.end(),
                     [](const Condition& a, const Condition& b) {
                       return a.state > b.state;
                     });
    return std::move(conditions_);
  }

 private:
  std::map<std::string, absl::Time>& since_;
  const absl::Time now_;
  std::vector<Condition> conditions_;
};

void SystemWatch::Remember(const SystemSample& sample, absl::Time now) {
  counts_ = sample.counts;
  last_ = {now, sample.counts.decisions, sample.damaged_artifacts,
           sample.failed_authentications, sample.refused_calls};
  if (points_.empty() || now - points_.back().at >= kPointEvery) {
    points_.push_back(last_);
  }
  // One stays that is as old.
  while (points_.size() > 1 && now - points_[1].at >= kOfLate) {
    points_.pop_front();
  }
  if (!sample.clock_was_set.empty()) clock_was_set_ = sample.clock_was_set;
  if (sample.counts.stopping_attempts == 0) {
    stopping_since_.reset();
  } else if (!stopping_since_.has_value()) {
    stopping_since_ = now;
  }
}

const SystemWatch::Point& SystemWatch::Before(absl::Duration age) const {
  const auto younger = std::find_if(
      points_.begin(), points_.end(),
      [&](const Point& point) { return last_.at - point.at < age; });
  return younger == points_.begin() ? points_.front() : *std::prev(younger);
}

void SystemWatch::Look(const SystemSample& sample, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Remember(sample, now);
  const ControlPlaneCounts& counts = counts_;
  Judge judge(since_, now);
  judge.Alarm("disk", sample.storage,
              "Remove files from the disk under --data, or run 'atelier gc'. "
              "Results wait on the workers, and work goes on by itself once "
              "there is room.");
  judge.Alarm("database", sample.database,
              "The coordinator's log says more. Calls are refused until the "
              "database takes changes again.");
  judge.Warn("checkpoints", sample.storage.ok() && !sample.checkpoints.ok(),
             std::string(sample.checkpoints.message()),
             "Renders go on, but one that is interrupted begins anew. Make "
             "room on the disk under --data.");
  judge.Warn("clock", !clock_was_set_.empty(), clock_was_set_,
             "Work goes on. Times that are shown are off by as much until the "
             "coordinator is started again.");
  const int64_t damaged =
      last_.damaged_artifacts - Before(kOfLate).damaged_artifacts;
  judge.Warn("artifacts", damaged > 0,
             absl::StrCat("stored files were found damaged ",
                          Counted(damaged, "time", "times"), " of late"),
             "The coordinator's log names them. 'atelier fetch --repair JOB' "
             "has a result rendered again, submitting again brings an input. "
             "Look at the disk.");
  judge.Warn(
      "workers", counts.tasks_queued > 0 && counts.live_workers == 0,
      absl::StrCat(Counted(counts.tasks_queued, "task waits", "tasks wait"),
                   " and no worker is connected"),
      "Start workers, or look in their logs for why they cannot reach "
      "the coordinator.");
  int64_t unfit = 0;
  for (const WaitReason reason :
       {WaitReason::kTags, WaitReason::kMemory, WaitReason::kProfile}) {
    unfit += counts.jobs_by_wait[static_cast<int>(reason)];
  }
  judge.Warn("fitting-workers", unfit > 0,
             absl::StrCat(Counted(unfit, "job waits", "jobs wait"),
                          " for a worker that is not there"),
             "'atelier jobs' says what each of them needs. Start a worker that "
             "has it, or cancel them.");
  judge.Warn("quarantine", counts.quarantined_workers > 0,
             absl::StrCat(Counted(counts.quarantined_workers, "worker gets",
                                  "workers get"),
                          " nothing more: what failed there, others completed"),
             "Look at the worker's log and device, then let it go on: 'atelier "
             "release WORKER'.");
  judge.Warn(
      "slots", stopping_since_.has_value() && now - *stopping_since_ >= kJudged,
      absl::StrCat(
          Counted(counts.stopping_attempts, "attempt does", "attempts do"),
          " not stop, and keep a worker's slot"),
      "'atelier workers' says where. Restart that worker.");
  const DecisionCounts& then = Before(kJudged).decisions;
  const DecisionCounts& until = last_.decisions;
  const int64_t expired = until.leases_expired - then.leases_expired;
  const int64_t granted = until.leases_granted - then.leases_granted;
  judge.Warn("leases", expired > 3 && 10 * expired > granted,
             absl::StrCat(Counted(expired, "lease", "leases"), " of ", granted,
                          " ran out within 15 minutes"),
             "Workers die or lose the coordinator in the middle of their work, "
             "which is done again. Look at their logs and memory.");
  const int64_t failed = FailuresIn(until) - FailuresIn(then);
  const int64_t attempts = AttemptsIn(until) - AttemptsIn(then);
  judge.Warn(
      "attempts", 5 * failed > attempts,
      absl::StrCat(failed, " of ", Counted(attempts, "attempt", "attempts"),
                   " failed within 15 minutes"),
      "The page of a job, or 'atelier show JOB', has the message of "
      "each failed task.");
  const std::optional<absl::Time> expires = sample.certificate_expires_at;
  judge.Warn(
      "certificate", expires.has_value() && *expires - now < kCertificateNotice,
      absl::StrCat("the certificate expires at ",
                   absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", expires.value_or(now),
                                    absl::UTCTimeZone())),
      "Write a new one to the files of --tls-cert and --tls-key; it is "
      "taken up without a restart.");
  const int64_t guesses =
      last_.failed_authentications - Before(kGuessing).failed_authentications;
  judge.Warn("authentication", guesses > kManyFailedAuthentications,
             absl::StrCat(guesses,
                          " calls came without a valid token within "
                          "10 minutes"),
             "Somebody guesses, or a client or worker has a token that expired "
             "or was revoked: its log says so.");
  const int64_t refused = last_.refused_calls - Before(kJudged).refused_calls;
  judge.Warn("callers", refused > 0,
             absl::StrCat(Counted(refused, "call was", "calls were"),
                          " refused for their caller's bounds within 15 "
                          "minutes"),
             "Others are not slowed down. Should it be a worker's or a user's "
             "right to ask for so much, raise --max-requests-per-second and "
             "its like.");
  conditions_ = judge.TakeConditions();
}

SystemReport SystemWatch::Report() const {
  absl::MutexLock lock(&mutex_);
  SystemReport report;
  report.counts = counts_;
  report.conditions = conditions_;
  if (points_.empty()) return report;
  const Point& then = points_.front();
  Throughput& of_late = report.of_late;
  of_late.within = last_.at - then.at;
  for (size_t i = 0; i < of_late.attempts.size(); ++i) {
    of_late.attempts[i] =
        last_.decisions.outcomes[i] - then.decisions.outcomes[i];
    of_late.device_time[i] =
        last_.decisions.device_time[i] - then.decisions.device_time[i];
  }
  of_late.results_reused =
      last_.decisions.tasks_reused - then.decisions.tasks_reused;
  return report;
}

}  // namespace atelier
