#include "tests/simulation/storm.h"

#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/render/params.h"
#include "coordinator/state/canonical.h"

namespace atelier {
namespace {

constexpr absl::Duration kStep = absl::Seconds(1);
constexpr absl::Duration kMeddleEvery = absl::Seconds(15);
constexpr absl::Duration kCallTimeout = absl::Seconds(45);
constexpr absl::Duration kLongestRender = absl::Seconds(30);

StateOptions CoordinatorOptions() {
  StateOptions options;
  options.shares.weights = {{"ann", 2}};
  return options;
}

}  // namespace

Storm::Storm(const StormOptions& options,
             std::function<std::unique_ptr<Store>()> open_store)
    : options_(options),
      random_(options.seed),
      coordinator_(std::move(open_store), CoordinatorOptions(), ledger_) {
  const int workers = options_.workers > 0 ? options_.workers : Between(1, 20);
  for (int i = 0; i < workers; ++i) {
    const int doubled = Between(0, 2);
    const int slots = Between(1, 3);
    workers_.emplace_back(i, slots, int64_t{8} << doubled);
  }
  calls_.resize(workers_.size());
  for (int i = 0; i < options_.jobs; ++i) {
    const char* const users[] = {"ann", "bob", "cid"};
    // One after the other: compilers order a call's arguments as they like.
    const int style = Between(0, 2);
    const int tags = Chance(30) ? Between(1, 3) : 0;
    const char* const user = users[Between(0, 2)];
    const int tasks = Between(1, options_.max_tasks_per_job);
    jobs_.emplace(absl::StrCat(i),
                  absl::StrCat(tasks, "/", user, "/", tags, "/style", style));
  }
}

// Not std::uniform_int_distribution, which every library draws as it likes: a
// seed has to mean the same storm everywhere.
int Storm::Between(int low, int high) {
  return low + static_cast<int>(random_() % (high - low + 1));
}

bool Storm::Chance(int percent) { return Between(1, 100) <= percent; }

absl::Duration Storm::Delay(absl::Duration most) {
  return most * (Between(0, 1000) / 1000.0);
}

void Storm::At(absl::Time when, std::function<void()> happen) {
  events_.push({when, ++last_event_, std::move(happen)});
}

void Storm::Soon(absl::Duration most, std::function<void()> happen) {
  At(now_ + Delay(most), std::move(happen));
}

std::vector<std::string> Storm::Run() {
  coordinator_.Start(now_);
  Pump();
  Meddle();
  for (size_t i = 0; i < workers_.size(); ++i) {
    Soon(absl::Seconds(20), [this, i] { CallFrom(i); });
  }
  const absl::Time end = start_ + options_.bad_weather + options_.good_weather;
  while (now_ < end && faults_.empty() && ledger_.faults().empty()) {
    if (!Bad() && all_ended_) break;
    Event event = events_.top();
    events_.pop();
    now_ = event.at;
    event.happen();
  }
  faults_.insert(faults_.end(), ledger_.faults().begin(),
                 ledger_.faults().end());
  if (faults_.empty() && !AllEnded()) {
    faults_.push_back("a job starves: it has not ended in good weather");
  }
  if (faults_.empty()) Audit();
  return faults_;
}

void Storm::Pump() {
  At(now_ + kStep, [this] { Pump(); });
  if (!coordinator_.alive()) {
    if (!Bad() || Chance(10)) coordinator_.Start(now_);
    return;
  }
  coordinator_.RemoveSome();
  Death death = Death::kNone;
  int after = 0;
  if (Bad() && Chance(2)) {
    death =
        static_cast<Death>(Between(1, static_cast<int>(Death::kCommitRefused)));
    after = Between(0, 2);
  }
  if (!Bad() && !calm_) ForgetDeaths();
  coordinator_.Step(now_, death, after);
  all_ended_ = !Bad() && AllEnded();
}

void Storm::Meddle() {
  Soon(Bad() ? kMeddleEvery : absl::Minutes(1), [this] { Meddle(); });
  if (!coordinator_.alive()) return;
  if (!Bad()) {
    // Whoever has a job left makes sure that it is done.
    for (const auto& [request, spec] : jobs_) {
      coordinator_.Submit(request, spec, now_);
      coordinator_.Pause(request, /*paused=*/false, 0);
    }
    return;
  }
  auto job = jobs_.begin();
  std::advance(job, Between(0, static_cast<int>(jobs_.size()) - 1));
  const auto& [request, spec] = *job;
  const int dice = Between(1, 100);
  if (dice <= 40) {
    coordinator_.Submit(request, spec, now_);
  } else if (dice <= 48) {
    coordinator_.Cancel(request);
  } else if (dice <= 65) {
    coordinator_.Retry(request);
  } else if (dice <= 77) {
    coordinator_.Repair(request, Between(0, 20));
  } else if (dice <= 84) {
    coordinator_.Delete(request);
  } else {
    const int priority = Between(-2, 2);
    coordinator_.Pause(request, Chance(50), priority);
  }
}

void Storm::CallFrom(size_t i) {
  SimulatedWorker& worker = workers_[i];
  const int64_t call = ++calls_[i];
  if (Bad() && Chance(3)) worker.Restart();
  if (Bad() && Chance(3)) {  // It stalls, for longer than its leases.
    Soon(absl::Minutes(2), [this, i] { CallFrom(i); });
    return;
  }
  if (Bad() && Chance(5)) worker.RepeatOldReport();
  SyncRequest request = worker.Say(now_, [this] { return SomeOutcome(); });
  At(now_ + kCallTimeout, [this, i, call] {
    if (calls_[i] == call) CallFrom(i);
  });
  if ((Bad() && Chance(5)) || !coordinator_.alive()) return;  // Lost.
  coordinator_.Synchronize(
      std::move(request), now_,
      [this, i, call](const absl::StatusOr<SyncResponse>& response) {
        if (Bad() && Chance(5)) return;  // Applied, but unheard.
        Soon(absl::Milliseconds(100), [this, i, call, response] {
          if (calls_[i] == call) Answered(i, call, response);
        });
      });
}

void Storm::Answered(size_t i, int64_t /*call*/,
                     const absl::StatusOr<SyncResponse>& response) {
  SimulatedWorker& worker = workers_[i];
  absl::Duration again = absl::Seconds(5);
  if (response.ok()) {
    if (worker.batches()) CheckBatch(worker, *response);
    worker.Hear(*response, now_, [this] { return Delay(kLongestRender); });
    if (static_cast<int>(worker.running()) > worker.slots()) {
      faults_.push_back(absl::StrCat("worker ", i, " runs ", worker.running(),
                                     " attempts in ", worker.slots(),
                                     " slots"));
    }
    again = response->call_again_after;
  }
  ++calls_[i];  // The call's timeout means nothing any more.
  At(now_ + again + Delay(absl::Milliseconds(50)), [this, i] { CallFrom(i); });
}

void Storm::CheckBatch(const SimulatedWorker& worker,
                       const SyncResponse& response) {
  if (response.start.empty()) return;
  if (worker.running() > 0) faults_.push_back("a batch that runs is joined");
  const auto shared = [](const Assignment& start) {
    return CanonicalDescription(CommonToBatch(start.render));
  };
  for (const Assignment& start : response.start) {
    if (shared(start) != shared(response.start[0])) {
      faults_.push_back("a batch has tasks that are not alike");
    }
  }
  batched_ += static_cast<int64_t>(response.start.size()) - 1;
}

Outcome Storm::SomeOutcome() {
  if (!Bad() || Chance(75)) return Outcome::kSucceeded;
  const auto outcome = static_cast<Outcome>(Between(1, kOutcomeCount));
  // A process that lives has not crashed.
  return outcome == Outcome::kCrashed ? Outcome::kSucceeded : outcome;
}

void Storm::ForgetDeaths() {
  calm_ = true;
  for (SimulatedWorker& worker : workers_) worker.ForgetDeaths();
}

bool Storm::AllEnded() {
  if (!coordinator_.alive()) return false;
  for (const auto& [request, spec] : jobs_) {
    const auto job = coordinator_.store().FindByRequestId(RequestId(request));
    if (!job->has_value() || (*job)->state == JobState::kRunning ||
        (*job)->state == JobState::kDeleted) {
      return false;
    }
  }
  return true;
}

void Storm::Audit() {
  const auto jobs = coordinator_.store().ListJobs(1000, std::nullopt).value();
  if (jobs.size() != jobs_.size()) {
    faults_.push_back(
        absl::StrCat(jobs_.size(), " requests made ", jobs.size(), " jobs"));
  }
  for (const JobRecord& job : jobs) AuditJob(job);
  AuditDeaths();
}

// While the coordinator lives, it hears of every death, if late: while it does,
// the next worker may have the task, and die of it. One death is not counted
// where that worker had other tasks beside it, as it was not suspected yet.
void Storm::AuditDeaths() {
  constexpr int kMostDeaths = 6;
  std::map<TaskId, int> deaths;
  for (const SimulatedWorker& worker : workers_) {
    for (const auto& [task, count] : worker.deaths()) deaths[task] += count;
  }
  for (const auto& [task, count] : deaths) {
    if (count <= kMostDeaths) continue;
    faults_.push_back(absl::StrCat(task.job.value(), ":", task.index,
                                   " killed ", count, " workers"));
  }
}

void Storm::AuditJob(const JobRecord& job) {
  const auto page = coordinator_.store()
                        .ListTasks(job.id, 0, static_cast<int>(job.task_count))
                        .value();
  TaskCounts counted;
  auto row = page.rows.begin();
  for (int64_t index = 0; index < job.task_count; ++index) {
    const bool has_row = row != page.rows.end() && row->id.index == index;
    const TaskState state = StateOf(job, has_row ? &*row : nullptr);
    if (has_row) ++row;
    ++counted.At(state);
    const int64_t successes = ledger_.successes({job.id, index});
    if (IsPoison({job.id, index})) {
      if (state == TaskState::kFailed) ++poisoned_;
      if (successes > 0) faults_.push_back("poison succeeded");
    }
    if (successes != (state == TaskState::kSucceeded ? 1 : 0)) {
      faults_.push_back(absl::StrCat(job.id.value(), ":", index, " is ",
                                     Name(state), " after ", successes,
                                     " successes"));
    }
  }
  if (!(counted == job.counts)) {
    faults_.push_back(
        absl::StrCat(job.id.value(), ": the counts disagree with the tasks"));
  }
}

}  // namespace atelier
