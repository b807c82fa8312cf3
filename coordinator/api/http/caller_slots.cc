#include "coordinator/api/http/caller_slots.h"

#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/retry_after.h"

namespace atelier {
namespace {

// When one is free nobody knows.
constexpr absl::Duration kRetry = absl::Seconds(1);

}  // namespace

struct CallerSlots::State {
  const std::string what;
  const int most = 0;
  const int most_of_caller = 0;
  absl::Mutex mutex;
  int taken ABSL_GUARDED_BY(mutex) = 0;
  std::map<std::string, int> taken_by ABSL_GUARDED_BY(mutex);

  State(std::string what, int most, int most_of_caller)
      : what(std::move(what)), most(most), most_of_caller(most_of_caller) {}

  bool IsFree() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    return taken == 0;
  }

  absl::Status Take(const std::string& name) {
    absl::MutexLock lock(&mutex);
    const auto by = taken_by.find(name);
    if (by != taken_by.end() && by->second >= most_of_caller) {
      return absl::ResourceExhaustedError(
          absl::StrCat(what, ": at most ", most_of_caller,
                       " of a caller at once; come back when one has ended"));
    }
    if (taken >= most) {
      return absl::UnavailableError(absl::StrCat(
          what, ": at most ", most, " at once; come back when one has ended"));
    }
    ++taken;
    ++taken_by[name];
    return absl::OkStatus();
  }

  void GiveBack(const std::string& name) {
    absl::MutexLock lock(&mutex);
    --taken;
    const auto by = taken_by.find(name);
    if (--by->second == 0) taken_by.erase(by);
  }
};

int CallerSlots::taken() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->taken;
}

void CallerSlots::AwaitNone() {
  absl::MutexLock lock(&state_->mutex);
  state_->mutex.Await(absl::Condition(state_.get(), &State::IsFree));
}

CallerSlots::CallerSlots(std::string what, int most, int most_of_caller)
    : state_(std::make_shared<State>(std::move(what), most, most_of_caller)) {}

absl::StatusOr<std::shared_ptr<void>> CallerSlots::Take(const Caller& caller) {
  std::string name = caller.accessor.empty() ? caller.address : caller.accessor;
  if (absl::Status taken = state_->Take(name); !taken.ok()) {
    return WithRetryAfter(std::move(taken), kRetry);
  }
  return std::shared_ptr<void>(
      nullptr, [state = state_, name = std::move(name)](void* /*slot*/) {
        state->GiveBack(name);
      });
}

}  // namespace atelier
