#include "coordinator/scheduler/wait_reason.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"
#include "coordinator/state/fitness.h"

namespace atelier {
namespace {

constexpr absl::string_view kNames[] = {
    "none",       "paused",      "storage", "no-worker",
    "tags",       "memory",      "profile", "workers-unavailable",
    "user-limit", "workers-busy"};

// "8 workers".
std::string Counted(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// "the tags gpu, large".
std::string TagText(const std::vector<std::string>& tags) {
  return absl::StrCat(tags.size() == 1 ? "the tag " : "the tags ",
                      ClippedText(absl::StrJoin(tags, ", "), kMaxQuotedBytes));
}

// In GB of 2^30 bytes, as flags take them.
std::string Gigabytes(int64_t bytes, int decimals) {
  return absl::StrFormat("%.*f GB", decimals,
                         static_cast<double>(bytes) / (int64_t{1} << 30));
}

// Two sizes in as many digits as tell them apart, where any do.
std::pair<std::string, std::string> TwoSizes(int64_t a, int64_t b) {
  constexpr int kMaxDecimals = 9;
  for (int decimals = 1;; ++decimals) {
    std::pair<std::string, std::string> texts{Gigabytes(a, decimals),
                                              Gigabytes(b, decimals)};
    if (a == b || texts.first != texts.second || decimals == kMaxDecimals) {
      return texts;
    }
  }
}

std::string MemoryMessage(const WorkerNeeds& needs, int64_t floor_bytes,
                          int64_t largest_bytes, int workers) {
  const bool by_floor = floor_bytes >= needs.memory_bytes;
  const auto [wanted, largest] =
      TwoSizes(by_floor ? floor_bytes : needs.memory_bytes, largest_bytes);
  const std::string whose =
      needs.tags.empty() ? "" : absl::StrCat(" with ", TagText(needs.tags));
  return absl::StrCat(
      by_floor ? "ran out of memory, needs more than " : "needs ", wanted,
      workers == 1 ? absl::StrCat("; the one worker", whose)
                   : absl::StrCat("; the largest of ",
                                  Counted(workers, "worker"), whose),
      " has ", largest);
}

std::string ProfileMessage(const WorkerNeeds& needs, int workers) {
  const std::string profile = ClippedText(needs.profile, kMaxQuotedBytes);
  if (needs.tags.empty() && needs.memory_bytes == 0) {
    return absl::StrCat("no live worker has profile ", profile);
  }
  if (workers == 1) {
    return absl::StrCat(
        "the one worker with these tags and this memory lacks profile ",
        profile);
  }
  return absl::StrCat("none of ", workers,
                      " workers with these tags and this memory has profile ",
                      profile);
}

std::string UserMessage(const std::string& user, int64_t leased) {
  const std::string tasks = Counted(leased, "task");
  constexpr absl::string_view kLimit =
      ", as many as the quota of running tasks allows";
  if (user.empty()) {
    return absl::StrCat("jobs without a user run ", tasks, kLimit);
  }
  return absl::StrCat("user ", user, " runs ", tasks, kLimit);
}

std::string BusyMessage(int workers, int free) {
  if (free > 0) {
    return absl::StrCat(free, " of ", Counted(workers, "fitting worker"),
                        free == 1
                            ? " is free, and takes a task at the next call"
                            : " are free, and take tasks at the next call");
  }
  if (workers == 1) return "the one fitting worker is busy";
  return absl::StrCat("all ", Counted(workers, "fitting worker"), " are busy");
}

std::string UnavailableMessage(int workers) {
  if (workers == 1) return "the one fitting worker is draining or quarantined";
  return absl::StrCat(Counted(workers, "fitting worker"),
                      " are draining or quarantined");
}

// Of the tasks that could be next the one that asks for least: while one may
// start, the job does not wait for memory. As many are looked at as a choice
// looks at.
int64_t FloorOf(const Job& job) {
  if (job.ready().empty() || !job.FreshWindow().empty()) return 0;
  int64_t looked_at = 0;
  int64_t floor_bytes = job.ready().begin()->second.costs().memory_floor_bytes;
  for (const auto& [index, task] : job.ready()) {
    if (looked_at++ == Job::kWindow) break;
    floor_bytes = std::min(floor_bytes, task.costs().memory_floor_bytes);
  }
  return floor_bytes;
}

}  // namespace

WaitQuestion QuestionOf(const Job& job, const JobTable& queue,
                        const UserQuotas& quotas) {
  WaitQuestion question;
  question.runs = !job.leased().empty();
  if (question.runs) return question;
  question.paused = job.record().paused;
  question.needs = job.spec().needs;
  question.floor_bytes = FloorOf(job);
  question.user = job.spec().user;
  const auto user = queue.users().find(question.user);
  if (user != queue.users().end()) question.user_leased = user->second.leased;
  question.user_max_running = quotas.Of(question.user).max_running_tasks;
  return question;
}

absl::string_view Name(WaitReason reason) {
  return kNames[static_cast<int>(reason)];
}

WaitExplainer::WaitExplainer(const std::map<WorkerName, Worker>& workers,
                             WaitLimits limits)
    : limits_(limits) {
  for (const auto& [name, worker] : workers) {
    const WorkerDescription& who = worker.description;
    Count& count = kinds_[{who.tags, who.memory_bytes, who.arithmetic.profile}];
    ++count.workers;
    if (worker.TakesWork()) ++count.available;
    if (worker.TakesWork() && worker.FreeSlots() > 0) ++count.free;
    ++workers_;
    largest_bytes_ = std::max(largest_bytes_, who.memory_bytes);
  }
}

const WaitExplainer::Fit& WaitExplainer::FitFor(const WaitQuestion& job) {
  const auto [found, made] = fits_.try_emplace({job.needs, job.floor_bytes});
  const Ask& ask = found->first;
  Fit& fit = found->second;
  if (!made) return fit;
  for (const auto& [kind, count] : kinds_) {
    if (!HasTags(kind.tags, ask.needs)) continue;
    fit.with_tags += count.workers;
    fit.largest_bytes = std::max(fit.largest_bytes, kind.memory_bytes);
    if (kind.memory_bytes < ask.needs.memory_bytes ||
        !IsAboveFloor(kind.memory_bytes, ask.floor_bytes, largest_bytes_)) {
      continue;
    }
    fit.with_memory += count.workers;
    if (!HasProfile(kind.profile, ask.needs)) continue;
    fit.with_profile += count.workers;
    fit.fitting.workers += count.workers;
    fit.fitting.available += count.available;
    fit.fitting.free += count.free;
  }
  return fit;
}

WaitReason WaitExplainer::ReasonOf(const WaitQuestion& job) {
  if (job.runs) return WaitReason::kNone;
  if (job.paused) return WaitReason::kPaused;
  if (limits_.storage_full) return WaitReason::kStorage;
  if (workers_ == 0) return WaitReason::kNoWorker;
  const Fit& fit = FitFor(job);
  if (fit.with_tags == 0) return WaitReason::kTags;
  if (fit.with_memory == 0) return WaitReason::kMemory;
  if (fit.with_profile == 0) return WaitReason::kProfile;
  if (fit.fitting.available == 0) return WaitReason::kWorkersUnavailable;
  if (job.user_max_running > 0 && job.user_leased >= job.user_max_running) {
    return WaitReason::kUserLimit;
  }
  return WaitReason::kWorkersBusy;
}

Wait WaitExplainer::Explain(const WaitQuestion& job) {
  const WaitReason reason = ReasonOf(job);
  return {reason, Message(reason, job)};
}

std::string WaitExplainer::Message(WaitReason reason, const WaitQuestion& job) {
  const WorkerNeeds& needs = job.needs;
  switch (reason) {
    case WaitReason::kNone:
      return "";
    case WaitReason::kPaused:
      return "paused";
    case WaitReason::kStorage:
      return "the coordinator's disk is full: it starts nothing";
    case WaitReason::kNoWorker:
      return "no worker is connected";
    case WaitReason::kTags:
      return absl::StrCat("no live worker has ",
                          needs.tags.size() == 1 ? "" : "all of ",
                          TagText(needs.tags));
    case WaitReason::kMemory: {
      const Fit& fit = FitFor(job);
      return MemoryMessage(needs, job.floor_bytes, fit.largest_bytes,
                           fit.with_tags);
    }
    case WaitReason::kProfile:
      return ProfileMessage(needs, FitFor(job).with_memory);
    case WaitReason::kWorkersUnavailable:
      return UnavailableMessage(FitFor(job).fitting.workers);
    case WaitReason::kUserLimit:
      return UserMessage(job.user, job.user_leased);
    case WaitReason::kWorkersBusy: {
      const Count& fitting = FitFor(job).fitting;
      return BusyMessage(fitting.available, fitting.free);
    }
  }
  return "";
}

}  // namespace atelier
