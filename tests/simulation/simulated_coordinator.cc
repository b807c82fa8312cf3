#include "tests/simulation/simulated_coordinator.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace atelier {

absl::StatusOr<JobSpec> DecodeSimulatedSpec(absl::string_view bytes) {
  const std::vector<std::string> parts = absl::StrSplit(bytes, '/');
  int tasks = 0;
  JobSpec spec;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[0], &tasks) ||
      !absl::SimpleAtoi(parts[2], &spec.max_running)) {
    return absl::InvalidArgumentError("not a simulated spec");
  }
  spec.user = parts[1];
  NetworkDescription network;
  network.weights_digest = "weights";
  network.blocks = {{8}};
  spec.networks = {network};
  spec.base.weights_digest = network.weights_digest;
  spec.base.style_digests = {parts[3]};
  spec.base.content_layers = {{"conv1_1", 1}};
  spec.base.style_layers = {{"conv1_1", 1}};
  spec.base.init = Initialisation::kNoise;
  Axis axis{"content", {}};
  for (int i = 0; i < tasks; ++i) {
    AxisValue value;
    // Three in a row are alike but for the noise they start from.
    value.set.content_digest = absl::StrCat("picture", i / 3 % 7);
    value.set.iterations = i / 3 + 1;
    value.set.seed = i;
    axis.values.push_back(std::move(value));
  }
  spec.axes = {std::move(axis)};
  return spec;
}

SimulatedCoordinator::SimulatedCoordinator(
    std::function<std::unique_ptr<Store>()> open, StateOptions options,
    Ledger& ledger)
    : open_(std::move(open)), options_(std::move(options)), ledger_(ledger) {}

void SimulatedCoordinator::Start(absl::Time now) {
  store_ = open_();
  const int64_t epoch = store_->BeginEpoch().value();
  state_ = std::make_unique<ClusterState>(policy_, epoch, options_);
  Reload(now);
}

void SimulatedCoordinator::Die() {
  state_.reset();
  store_.reset();
  waiting_.clear();
  retries_.clear();
  answers_.clear();  // Nobody ever hears.
}

void SimulatedCoordinator::Reload(absl::Time now) {
  last_sequence_ = store_->LastSequence().value();
  std::vector<JobRecord> records = store_->LoadUnfinishedJobs().value();
  std::vector<StoredJob> jobs;
  for (JobRecord& record : records) {
    jobs.push_back(Load(std::move(record)));
  }
  for (CallId id : state_->Restore(std::move(jobs), now)) {
    const auto answer = answers_.extract(id);
    if (!answer.empty()) answer.mapped()(absl::UnavailableError("reloaded"));
  }
}

StoredJob SimulatedCoordinator::Load(JobRecord record) {
  StoredJob job;
  job.spec = std::make_shared<const JobSpec>(
      DecodeSimulatedSpec(record.spec_bytes).value());
  job.open_tasks = store_->LoadOpenTasks(record.id).value();
  const int64_t first = std::max<int64_t>(0, record.cursor - Job::kWindow);
  const std::vector<TaskRecord> rows =
      store_
          ->ListTasks(record.id, first, static_cast<int>(record.cursor - first))
          .value()
          .rows;
  auto row = rows.begin();
  for (int64_t index = first; index < record.cursor; ++index) {
    if (row != rows.end() && row->id.index == index) {
      ++row;
    } else {
      job.passed_over.push_back(index);
    }
  }
  job.record = std::move(record);
  return job;
}

void SimulatedCoordinator::Synchronize(SyncRequest request, Answer answer) {
  const CallId id = ++last_call_;
  answers_.emplace(id, std::move(answer));
  waiting_.push_back([this, id, request = std::move(request)](absl::Time now) {
    state_->Synchronize(id, request, now);
  });
}

std::optional<JobId> SimulatedCoordinator::Find(const std::string& request) {
  const auto stored = store_->FindByRequestId(RequestId(request));
  if (!stored->has_value()) return std::nullopt;
  return (*stored)->id;
}

void SimulatedCoordinator::Submit(const std::string& request,
                                  const std::string& spec) {
  waiting_.push_back([this, request, spec](absl::Time now) {
    const RequestId id(request);
    if (state_->jobs().FindByRequestId(id) != nullptr || Find(request)) {
      return;
    }
    JobRecord record;
    record.id = JobId(absl::StrCat("job-", request));
    record.sequence = ++last_sequence_;
    record.request_id = id;
    record.spec_bytes = spec;
    const auto decoded =
        std::make_shared<const JobSpec>(DecodeSimulatedSpec(spec).value());
    record.task_count = TaskCount(*decoded).value();
    record.counts.queued = record.task_count;
    record.submitted_at = now;
    state_->AddJob(std::move(record), decoded);
  });
}

void SimulatedCoordinator::Cancel(const std::string& request) {
  waiting_.push_back([this, request](absl::Time now) {
    const JobId id(absl::StrCat("job-", request));
    if (state_->jobs().Find(id) != nullptr) state_->Cancel(id, now);
  });
}

void SimulatedCoordinator::Pause(const std::string& request, bool paused,
                                 int priority) {
  waiting_.push_back([this, request, paused, priority](absl::Time now) {
    const JobId id(absl::StrCat("job-", request));
    if (state_->jobs().Find(id) == nullptr) return;
    state_->Update(id, paused, priority, now);
  });
}

void SimulatedCoordinator::Retry(const std::string& request) {
  retries_.push_back([this, request](absl::Time) {
    const JobId id(absl::StrCat("job-", request));
    if (state_->jobs().Find(id) != nullptr) {
      state_->RetryFailed(id);
      return;
    }
    absl::StatusOr<JobRecord> record = store_->GetJob(id);
    if (!record.ok() || (record->state != JobState::kFailed &&
                         record->state != JobState::kCancelled)) {
      return;
    }
    state_->Retry(Load(*std::move(record)));
  });
}

void SimulatedCoordinator::Step(absl::Time now, Death death) {
  for (const Command& command : std::exchange(retries_, {})) command(now);
  state_->Tick(now);
  for (const Command& command : std::exchange(waiting_, {})) command(now);
  AssignWork(now);
  Commit(state_->TakeDecisions(), now, death);
}

void SimulatedCoordinator::AssignWork(absl::Time now) {
  bool more = true;
  while (more) {
    while (const auto request = state_->NeedsPage()) {
      state_->AddStalePage(
          *request, store_
                        ->ListStaleFailures(request->job, request->generation,
                                            request->after, request->limit)
                        .value());
    }
    if (!state_->NeedsLookup().empty()) {
      state_->AddLookup(store_->FindResults(state_->NeedsLookup()).value());
    }
    state_->AssignWork(now);
    more = state_->NeedsPage().has_value() || !state_->NeedsLookup().empty();
  }
}

void SimulatedCoordinator::Commit(Decisions decisions, absl::Time now,
                                  Death death) {
  if (death == Death::kBeforeCommit) return Die();
  if (death == Death::kCommitRefused) {
    Reload(now);
    for (const auto& [id, answer] : decisions.answers) {
      const auto waiting = answers_.extract(id);
      if (!waiting.empty()) waiting.mapped()(absl::UnavailableError("full"));
    }
    return;
  }
  if (!decisions.mutations.empty()) {
    const std::vector<absl::Status> statuses =
        store_->Apply(decisions.mutations);
    ledger_.Record(decisions.mutations, statuses);
    ledger_.ExpectAll(statuses);
  }
  if (death == Death::kAfterCommit) return Die();
  for (auto& [id, answer] : decisions.answers) {
    const auto waiting = answers_.extract(id);
    if (!waiting.empty()) waiting.mapped()(std::move(answer));
  }
}

}  // namespace atelier
