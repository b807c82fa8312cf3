#include "tests/simulation/simulated_coordinator.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "coordinator/control/job_commands.h"

namespace atelier {
namespace {

constexpr int kJobsCompared = 100;
constexpr int kTasksRepaired = 3;
constexpr int64_t kTasksRemoved = 7;
constexpr int kCompareEvery = 10;  // Steps.

}  // namespace

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
    : open_(std::move(open)), ledger_(ledger) {
  options_.state = std::move(options);
  options_.decode_spec = DecodeSimulatedSpec;
  options_.find_pictures = [](const std::set<std::string>& digests) {
    return digests;
  };
}

void SimulatedCoordinator::Start(absl::Time now) {
  store_ = std::make_unique<WatchedStore>(open_(), ledger_);
  const int64_t epoch = store_->BeginEpoch().value();
  DecisionListener& listener = *this;
  loop_ = std::make_unique<DecisionLoop>(*store_, policy_, epoch, options_,
                                         listener);
  const absl::Status loaded = loop_->Load([now] { return now; });
  if (!loaded.ok()) ledger_.AddFault(loaded.ToString());
}

void SimulatedCoordinator::Die() {
  loop_.reset();
  store_.reset();
  waiting_.clear();
  unread_.reset();
  removing_ = TaskId();
  is_removing_ = false;
  answers_.clear();  // Nobody ever hears.
}

void SimulatedCoordinator::Synchronize(SyncRequest request, absl::Time now,
                                       Answer answer) {
  if (std::optional<SyncResponse> response =
          loop_->AnswerHeartbeat(request, now);
      response.has_value()) {
    ledger_.ExpectDurable(*response);
    answer(*std::move(response));
    return;
  }
  const CallId id = ++last_call_;
  answers_.emplace(id, std::move(answer));
  LoopCommand command;
  command.decide = [id, request = std::move(request)](ClusterState& state,
                                                      absl::Time at) {
    state.Synchronize(id, request, at);
    return absl::OkStatus();
  };
  command.call = id;
  waiting_.push_back(std::move(command));
}

void SimulatedCoordinator::Submit(const std::string& request,
                                  const std::string& spec, absl::Time now) {
  JobRecord record;
  record.id = IdOf(request);
  record.request_id = RequestId(request);
  record.spec_bytes = spec;
  const auto decoded =
      std::make_shared<const JobSpec>(DecodeSimulatedSpec(spec).value());
  record.task_count = TaskCount(*decoded).value();
  record.counts.queued = record.task_count;
  record.submitted_at = now;
  const auto id = std::make_shared<JobId>();
  LoopCommand command = SubmitCommand(
      std::move(record), decoded, {options_.state.open_spec_bytes}, id.get());
  command.answer = [this, id](const absl::Status& status) {
    if (status.ok() && !store_->GetJob(*id).ok()) {
      ledger_.AddFault("a job was acknowledged that is not stored");
    }
  };
  waiting_.push_back(std::move(command));
}

void SimulatedCoordinator::Cancel(const std::string& request) {
  waiting_.push_back(CancelCommand(IdOf(request)));
}

void SimulatedCoordinator::Pause(const std::string& request, bool paused,
                                 int priority) {
  waiting_.push_back(
      SteerCommand(IdOf(request), [paused, priority](JobUpdate& update) {
        update = {paused, priority};
      }));
}

void SimulatedCoordinator::Retry(const std::string& request) {
  waiting_.push_back(
      RetryCommand(IdOf(request), {options_.state.open_spec_bytes}));
}

void SimulatedCoordinator::Repair(const std::string& request, int64_t first) {
  const JobId id = IdOf(request);
  const auto tasks = store_->ListTasks(id, first, kTasksRepaired);
  if (!tasks.ok()) return;
  std::vector<TaskPicture> lost;
  for (const TaskRecord& row : tasks->rows) {
    if (row.state != TaskState::kSucceeded) continue;
    lost.push_back({row.id.index, row.result->image_digest});
  }
  const auto queued = std::make_shared<std::vector<int64_t>>();
  LoopCommand command = RepairCommand(
      id, std::move(lost), {options_.state.open_spec_bytes}, queued.get());
  command.answer = [queued](const absl::Status&) {};
  waiting_.push_back(std::move(command));
}

void SimulatedCoordinator::Delete(const std::string& request) {
  const auto deleted = std::make_shared<JobRecord>();
  LoopCommand command = DeleteCommand(IdOf(request), deleted.get());
  command.answer = [deleted](const absl::Status&) {};
  waiting_.push_back(std::move(command));
}

void SimulatedCoordinator::RemoveSome() {
  const auto deleted = store_->LoadJobs(JobState::kDeleted, 1).value();
  if (is_removing_ || deleted.empty()) return;
  const JobRecord& job = deleted.front();
  if (removing_.job != job.id) removing_ = {job.id, 0};
  const int64_t end = std::min(removing_.index + kTasksRemoved, job.task_count);
  LoopCommand command = RemoveCommand(job, removing_.index, end);
  is_removing_ = true;
  command.answer = [this, end](const absl::Status& status) {
    is_removing_ = false;
    if (status.ok()) removing_.index = end;
  };
  waiting_.push_back(std::move(command));
}

void SimulatedCoordinator::Step(absl::Time now, Death death, int after) {
  store_->Expect(death, after);
  if (unread_.has_value()) {
    waiting_.push_back(loop_->Read(*std::exchange(unread_, std::nullopt)));
  }
  LoopCommand tick;
  tick.decide = [](ClusterState& state, absl::Time at) {
    state.Tick(at);
    return absl::OkStatus();
  };
  std::vector<LoopCommand> commands;
  commands.push_back(std::move(tick));
  for (LoopCommand& command : std::exchange(waiting_, {})) {
    commands.push_back(std::move(command));
  }
  for (LoopCommand& command : commands) command.now = now;
  loop_->Run(std::move(commands));
  // Or else between that and what comes next.
  if (death == Death::kBeforeCommit || death == Death::kAfterCommit) {
    Die();
    return;
  }
  if (++steps_ % kCompareEvery == 0) CompareRecentJobs();
  std::optional<PendingRead> read = loop_->TakeRead();
  if (!read.has_value()) return;
  if (++reads_ % 2 == 0) {
    unread_ = std::move(read);
  } else {
    waiting_.push_back(loop_->Read(*read));
  }
}

void SimulatedCoordinator::CompareRecentJobs() {
  const auto known = loop_->recent_jobs().List(kJobsCompared, std::nullopt);
  if (!known.has_value()) return;
  std::vector<JobRecord> stored =
      store_->ListJobs(kJobsCompared, std::nullopt).value();
  stored.erase(std::remove_if(stored.begin(), stored.end(),
                              [](const JobRecord& job) {
                                return job.state == JobState::kDeleted;
                              }),
               stored.end());
  bool equal = known->size() == stored.size();
  for (size_t i = 0; equal && i < stored.size(); ++i) {
    const JobRecord& a = (*known)[i];
    const JobRecord& b = stored[i];
    equal = a.id == b.id && a.state == b.state && a.cursor == b.cursor &&
            a.counts.succeeded == b.counts.succeeded &&
            a.generation == b.generation && a.spec_bytes == b.spec_bytes;
  }
  if (!equal) ledger_.AddFault("the recent jobs are not those of the store");
}

void SimulatedCoordinator::Tell(Outcomes outcomes, Decisions decisions) {
  if (store_->is_dead()) return;
  for (const auto& outcome : outcomes) outcome();
  for (auto& [id, answer] : decisions.answers) {
    AnswerNow(id, std::move(answer));
  }
}

void SimulatedCoordinator::AnswerNow(CallId id,
                                     absl::StatusOr<SyncResponse> response) {
  if (store_->is_dead()) return;
  const auto waiting = answers_.extract(id);
  if (waiting.empty()) return;
  if (response.ok()) ledger_.ExpectDurable(*response);
  waiting.mapped()(std::move(response));
}

JobId SimulatedCoordinator::IdOf(const std::string& request) const {
  int lives = 0;
  while (ledger_.IsRemoved(JobId(absl::StrCat("job-", request, "-", lives)))) {
    ++lives;
  }
  return JobId(absl::StrCat("job-", request, "-", lives));
}

}  // namespace atelier
