#include "coordinator/access/call_limits.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/retry_after.h"

namespace atelier {
namespace {

constexpr size_t kFirstSweep = 1'024;
constexpr absl::Duration kSweepInterval = absl::Seconds(1);

bool IsStream(CallKind kind) {
  return kind == CallKind::kStream || kind == CallKind::kDownload;
}
bool HasBytes(CallKind kind) {
  return kind == CallKind::kDownload || kind == CallKind::kUpload;
}

struct Refusal {
  absl::string_view bound;  // Empty: there is none.
  absl::Duration wait;
};

std::string Allowed(const CallLimitsOptions& options, absl::string_view bound) {
  if (bound == "requests") {
    return absl::StrCat(options.requests_per_second,
                        " a second of one caller (--max-requests-per-second)");
  }
  if (bound == "bytes") {
    return absl::StrCat(options.bytes_per_second,
                        " a second of one caller's uploads and downloads "
                        "(--max-bytes-per-second)");
  }
  if (bound == "streams") {
    return absl::StrCat(
        options.max_streams,
        " open at once of one caller (--max-streams-per-caller)");
  }
  return absl::StrCat(
      options.max_uploads,
      " under way at once of one caller (--max-uploads-per-caller)");
}

}  // namespace

class CallLimits::State {
 public:
  // A bucket that fills at a steady rate, by the moment at which it is full.
  class Bucket {
   public:
    bool IsFull(absl::Time now) const { return full_at_ <= now; }
    void Take(absl::Duration worth, absl::Time now) {
      full_at_ = std::max(full_at_, now) + worth;
    }
    /// How long until `worth` can be taken of what fills in `burst`.
    absl::Duration WaitFor(absl::Duration worth, absl::Duration burst,
                           absl::Time now) const {
      return std::max(full_at_, now) + worth - burst - now;
    }

   private:
    absl::Time full_at_ = absl::InfinitePast();
  };

  struct Account {
    Bucket requests;
    Bucket bytes;
    int streams = 0;
    int uploads = 0;

    bool IsIdle(absl::Time now) const {
      return streams == 0 && uploads == 0 && requests.IsFull(now) &&
             bytes.IsFull(now);
    }
  };

  State(Clock& clock_in, CallLimitsOptions options_in)
      : clock(clock_in), options(std::move(options_in)) {}

  std::shared_ptr<Account> Find(const std::string& caller, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto found = accounts.find(caller);
    if (found != accounts.end()) return found->second;
    if (accounts.size() >= sweep_at && now >= next_sweep) Sweep(now);
    // That is no caller's name.
    const std::string& name = accounts.size() < kMostCallers ? caller : rest;
    std::shared_ptr<Account>& account = accounts[name];
    if (account == nullptr) account = std::make_shared<Account>();
    return account;
  }

  void Sweep(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    for (auto it = accounts.begin(); it != accounts.end();) {
      it = it->second->IsIdle(now) ? accounts.erase(it) : std::next(it);
    }
    sweep_at = std::clamp(2 * accounts.size(), kFirstSweep, kMostCallers);
    next_sweep = now + kSweepInterval;
  }

  absl::Duration RequestWorth() const {
    return absl::Seconds(1) / options.requests_per_second;
  }
  absl::Duration BytesWorth(int64_t bytes) const {
    return absl::Seconds(static_cast<double>(bytes) /
                         static_cast<double>(options.bytes_per_second));
  }

  absl::Status Refused(const Refusal& refusal) const {
    if (options.refused) options.refused(refusal.bound);
    const absl::Duration wait = absl::Ceil(refusal.wait, absl::Milliseconds(1));
    return WithRetryAfter(
        absl::ResourceExhaustedError(absl::StrCat(
            refusal.bound, ": at most ", Allowed(options, refusal.bound),
            "; come back in ", absl::FormatDuration(wait))),
        wait);
  }

  // Counts it, unless a bound is reached.
  Refusal Take(Account& account, CallKind kind, absl::Time now) const {
    const Refusal refusal = Check(account, kind, now);
    if (!refusal.bound.empty()) return refusal;
    if (options.requests_per_second > 0) {
      account.requests.Take(RequestWorth(), now);
    }
    if (IsStream(kind)) ++account.streams;
    if (kind == CallKind::kUpload) ++account.uploads;
    return refusal;
  }

  // The bound that is reached, if one is.
  Refusal Check(const Account& account, CallKind kind, absl::Time now) const {
    if (options.requests_per_second > 0) {
      const absl::Duration wait =
          account.requests.WaitFor(RequestWorth(), options.burst, now);
      if (wait > absl::ZeroDuration()) return {"requests", wait};
    }
    if (HasBytes(kind) && options.bytes_per_second > 0) {
      const absl::Duration wait =
          account.bytes.WaitFor(absl::ZeroDuration(), options.burst, now);
      if (wait > absl::ZeroDuration()) return {"bytes", wait};
    }
    if (IsStream(kind) && options.max_streams > 0 &&
        account.streams >= options.max_streams) {
      return {"streams", kPlaceRetry};
    }
    if (kind == CallKind::kUpload && options.max_uploads > 0 &&
        account.uploads >= options.max_uploads) {
      return {"uploads", kPlaceRetry};
    }
    return {};
  }

  Clock& clock;
  const CallLimitsOptions options;
  const std::string rest;
  mutable absl::Mutex mutex;
  std::unordered_map<std::string, std::shared_ptr<Account>> accounts
      ABSL_GUARDED_BY(mutex);
  size_t sweep_at ABSL_GUARDED_BY(mutex) = kFirstSweep;
  absl::Time next_sweep ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
};

class CallLimits::Meter : public CallMeter {
 public:
  Meter(std::shared_ptr<State> state, std::shared_ptr<State::Account> account,
        CallKind kind)
      : state_(std::move(state)), account_(std::move(account)), kind_(kind) {}

  ~Meter() override {
    absl::MutexLock lock(&state_->mutex);
    if (IsStream(kind_)) --account_->streams;
    if (kind_ == CallKind::kUpload) --account_->uploads;
  }

  absl::Status AddRequest() override {
    const absl::Time now = state_->clock.Now();
    Refusal refusal;
    {
      absl::MutexLock lock(&state_->mutex);
      refusal = state_->Take(*account_, CallKind::kShort, now);
    }
    return refusal.bound.empty() ? absl::OkStatus() : state_->Refused(refusal);
  }

  void AddBytes(int64_t bytes) override {
    if (state_->options.bytes_per_second <= 0) return;
    const absl::Time now = state_->clock.Now();
    absl::MutexLock lock(&state_->mutex);
    account_->bytes.Take(state_->BytesWorth(bytes), now);
  }

 private:
  const std::shared_ptr<State> state_;
  const std::shared_ptr<State::Account> account_;
  const CallKind kind_;
};

CallLimits::CallLimits(Clock& clock, CallLimitsOptions options)
    : state_(std::make_shared<State>(clock, std::move(options))) {}

CallLimits::~CallLimits() = default;

absl::StatusOr<std::shared_ptr<CallMeter>> CallLimits::Begin(
    const std::string& caller, CallKind kind) {
  const absl::Time now = state_->clock.Now();
  Refusal refusal;
  {
    absl::MutexLock lock(&state_->mutex);
    std::shared_ptr<State::Account> account = state_->Find(caller, now);
    refusal = state_->Take(*account, kind, now);
    if (refusal.bound.empty()) {
      if (kind == CallKind::kShort) return nullptr;
      return std::make_shared<Meter>(state_, std::move(account), kind);
    }
  }
  return state_->Refused(refusal);
}

size_t CallLimits::callers() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->accounts.size();
}

}  // namespace atelier
