#include "coordinator/control/decision_loop.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/visible_jobs.h"

namespace atelier {
namespace {

// Of one of our own decisions, told to a caller who can only repeat.
absl::Status NotConfirmed(const absl::Status& why) {
  return absl::UnavailableError(absl::StrCat(
      "the store did not confirm (", why.message(), "); repeat the call"));
}

// Also of what was refused: it was asked for.
std::vector<AuditRecord> AuditEntriesOf(
    const std::vector<LoopCommand>& batch,
    const std::vector<absl::Status>& statuses) {
  std::vector<AuditRecord> entries;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].audit == nullptr) continue;
    SetOutcome(*batch[i].audit, statuses[i]);
    // What changed nothing pushes out nothing that did (AuditTrim).
    batch[i].audit->is_refusal = !statuses[i].ok();
    entries.push_back(*batch[i].audit);
  }
  return entries;
}

}  // namespace

DecisionLoop::DecisionLoop(Store& store, SchedulingPolicy& policy,
                           int64_t epoch, const ControlPlaneOptions& options,
                           DecisionListener& listener)
    : store_(store),
      options_(options),
      listener_(listener),
      state_(policy, epoch, options.state) {}

bool DecisionLoop::Has(const JobId& id) {
  absl::MutexLock lock(&mu_);
  return state_.jobs().Find(id) != nullptr;
}

bool DecisionLoop::Run(std::vector<LoopCommand> commands) {
  std::vector<LoopCommand> batch;
  for (LoopCommand& command : commands) {
    if (command.failed_read.has_value()) {
      RunBatch(std::exchange(batch, {}));
      if (command.failed_read == read_under_way_) Fail(command.why_failed);
      continue;
    }
    if (command.reads_all && !batch.empty()) RunBatch(std::exchange(batch, {}));
    batch.push_back(std::move(command));
  }
  RunBatch(std::move(batch));
  return more_work_;
}

void DecisionLoop::RunBatch(std::vector<LoopCommand> batch) {
  for (const LoopCommand& command : batch) now_ = std::max(now_, command.now);
  std::vector<absl::Status> statuses;
  absl::StatusOr<Decisions> decisions = Decide(batch, statuses);
  absl::Status status = decisions.status();
  if (status.ok()) status = Commit(*decisions);
  if (!status.ok()) {
    const absl::Status told = NotConfirmed(status);
    Fail(status);
    for (const LoopCommand& command : batch) {
      if (command.answer) command.answer(told);
      if (command.call.has_value()) listener_.AnswerNow(*command.call, told);
    }
    if (!decisions.ok()) return;
    for (const auto& [id, answer] : decisions->answers) {
      listener_.AnswerNow(id, told);
    }
    return;
  }
  DecisionListener::Outcomes outcomes;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i].answer) continue;
    outcomes.push_back([answer = std::move(batch[i].answer),
                        status = statuses[i]] { answer(status); });
  }
  listener_.Tell(std::move(outcomes), *std::move(decisions));
}

absl::StatusOr<Decisions> DecisionLoop::Decide(
    std::vector<LoopCommand>& batch, std::vector<absl::Status>& statuses) {
  if (must_load_) {
    RETURN_IF_ERROR(Load([this] { return now_; }));
  }
  for (LoopCommand& command : batch) {
    statuses.push_back(command.read ? command.read(*this) : absl::OkStatus());
  }
  absl::MutexLock lock(&mu_);
  for (size_t i = 0; i < batch.size(); ++i) {
    // Time does not go back, whoever was first in the queue.
    decided_at_ = std::max(decided_at_, batch[i].now);
    if (!statuses[i].ok()) continue;
    statuses[i] = batch[i].decide(state_, decided_at_);
  }
  decided_at_ = now_;
  more_work_ = state_.AssignWork(now_);
  Decisions decisions = state_.TakeDecisions();
  decisions.rows.audit = AuditEntriesOf(batch, statuses);
  return decisions;
}

std::optional<PendingRead> DecisionLoop::TakeRead() {
  if (read_under_way_.has_value() || must_load_) return std::nullopt;
  absl::MutexLock lock(&mu_);
  StoreReads wanted = state_.WantedReads();
  if (wanted.empty()) return std::nullopt;
  read_under_way_ = ++last_read_;
  return PendingRead{last_read_, std::move(wanted)};
}

LoopCommand DecisionLoop::Read(const PendingRead& read) const {
  LoopCommand command;
  absl::StatusOr<StoreAnswers> answers = Read(read.wanted);
  if (!answers.ok()) {
    command.failed_read = read.number;
    command.why_failed = answers.status();
    return command;
  }
  command.read = [number = read.number](DecisionLoop& loop) {
    if (loop.read_under_way_ != number) {
      return absl::CancelledError("what it was for has been loaded anew");
    }
    loop.read_under_way_.reset();
    return absl::OkStatus();
  };
  command.decide = [wanted = read.wanted, answers = *std::move(answers)](
                       ClusterState& state, absl::Time /*now*/) mutable {
    state.TakeReads(wanted, std::move(answers));
    return absl::OkStatus();
  };
  return command;
}

std::optional<SyncResponse> DecisionLoop::AnswerHeartbeat(
    const SyncRequest& request, absl::Time now) {
  absl::MutexLock lock(&mu_);
  return state_.AnswerHeartbeat(request, now);
}

absl::StatusOr<StoreAnswers> DecisionLoop::Read(
    const StoreReads& wanted) const {
  StoreAnswers answers;
  for (const StalePageRequest& page : wanted.pages) {
    ASSIGN_OR_RETURN(answers.pages.emplace_back(),
                     store_.ListStaleFailures(page.job, page.generation,
                                              page.after, page.limit));
  }
  if (wanted.results.empty()) return answers;
  ASSIGN_OR_RETURN(answers.results, store_.FindResults(wanted.results));
  std::set<std::string> pictures;
  for (const StoredResult& one : answers.results) {
    pictures.insert(one.result.image_digest);
  }
  if (pictures.empty()) return answers;
  pictures = options_.find_pictures(pictures);
  const auto is_gone = [&pictures](const StoredResult& one) {
    return pictures.count(one.result.image_digest) == 0;
  };
  answers.results.erase(
      std::remove_if(answers.results.begin(), answers.results.end(), is_gone),
      answers.results.end());
  return answers;
}

absl::Status DecisionLoop::Commit(const Decisions& decisions) {
  {
    absl::MutexLock lock(&mu_);
    // After a failure, even an empty transaction tells whether writing works.
    if (decisions.rows.empty() && health_.ok()) {
      counts_.decisions += decisions.counts;
      return absl::OkStatus();
    }
  }
  RETURN_IF_ERROR(store_.Apply(decisions.rows));
  recent_.Apply(decisions.rows);
  device_times_.Add(decisions.timed);
  absl::MutexLock lock(&mu_);
  health_ = absl::OkStatus();
  if (!decisions.rows.empty()) ++counts_.commits;
  counts_.decisions += decisions.counts;
  counts_.rows += static_cast<int64_t>(decisions.rows.size());
  return absl::OkStatus();
}

void DecisionLoop::Fail(const absl::Status& why) {
  must_load_ = true;
  more_work_ = false;
  read_under_way_.reset();
  recent_.Clear();
  std::vector<CallId> ended;
  {
    absl::MutexLock lock(&mu_);
    ++counts_.store_failures;
    // Once fenced, always fenced.
    if (!absl::IsAborted(health_)) health_ = why;
    ended = state_.Restore({}, now_);
  }
  for (CallId id : ended) listener_.AnswerNow(id, NotConfirmed(why));
}

absl::Status DecisionLoop::Load(const std::function<absl::Time()>& now) {
  {
    absl::MutexLock lock(&mu_);
    if (absl::IsAborted(health_)) return health_;
  }
  ASSIGN_OR_RETURN(last_sequence_, store_.LastSequence());
  ASSIGN_OR_RETURN(
      std::vector<JobRecord> records,
      store_.LoadJobs(JobState::kRunning, std::numeric_limits<int>::max()));
  std::vector<StoredJob> jobs;
  for (JobRecord& record : records) {
    ASSIGN_OR_RETURN(StoredJob job, LoadJob(std::move(record)));
    jobs.push_back(std::move(job));
  }
  ASSIGN_OR_RETURN(std::vector<CheckpointRecord> checkpoints,
                   store_.LoadCheckpoints());
  ASSIGN_OR_RETURN(const int engine_version, store_.LastEngineVersion());
  ASSIGN_OR_RETURN(std::vector<QuotaRecord> quotas, store_.ListQuotas());
  RETURN_IF_ERROR(LoadRecentJobs());
  absl::MutexLock lock(&mu_);
  // Leases run from when they can be extended, however long reading took.
  state_.Restore(std::move(jobs), now());
  state_.RestoreCheckpoints(std::move(checkpoints));
  state_.RestoreEngineVersion(engine_version);
  state_.RestoreQuotas(std::move(quotas));
  must_load_ = false;
  return absl::OkStatus();
}

absl::Status DecisionLoop::LoadRecentJobs() {
  constexpr int kJobsAtOnce = 50;  // Each may have a large spec.
  recent_.Clear();
  std::optional<int64_t> before;
  bool takes_more = true;
  while (takes_more) {
    ASSIGN_OR_RETURN(std::vector<JobRecord> page,
                     store_.ListJobs(kJobsAtOnce, before));
    const bool is_last = page.size() < kJobsAtOnce;
    if (!page.empty()) before = page.back().sequence;
    takes_more = recent_.LoadOlder(std::move(page), is_last) && !is_last;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const JobSpec>> DecisionLoop::DecodeSpec(
    const JobRecord& job) const {
  absl::StatusOr<JobSpec> spec = options_.decode_spec(job.spec_bytes);
  if (!spec.ok()) {
    return absl::InternalError(
        absl::StrCat("the stored spec of job ", job.id.value(),
                     " can't be read: ", spec.status().message()));
  }
  if (options_.private_jobs) spec->scope = ScopeOf(OwnerOf(job, *spec));
  return std::make_shared<const JobSpec>(*std::move(spec));
}

absl::StatusOr<StoredJob> DecisionLoop::LoadJob(JobRecord record) {
  StoredJob job;
  ASSIGN_OR_RETURN(job.spec, DecodeSpec(record));
  ASSIGN_OR_RETURN(job.open_tasks, store_.LoadOpenTasks(record.id));
  const int64_t first = std::max<int64_t>(0, record.cursor - Job::kWindow);
  ASSIGN_OR_RETURN(const Store::JobTasks last,
                   store_.ListTasks(record.id, first,
                                    static_cast<int>(record.cursor - first)));
  auto row = last.rows.begin();
  for (int64_t index = first; index < record.cursor; ++index) {
    if (row != last.rows.end() && row->id.index == index) {
      ++row;
    } else {
      job.passed_over.push_back(index);
    }
  }
  job.record = std::move(record);
  return job;
}

}  // namespace atelier
