#include "coordinator/access/admission_control.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/access/caller_address.h"

namespace atelier {
namespace {

// Empty for whoever is not bounded.
std::string CountsFor(const Caller& caller, const std::string& address) {
  if (caller.accessor.empty()) return address;
  if (!caller.roles.Has(Role::kWork)) return caller.accessor;
  return absl::StrCat(caller.accessor, " ", address);
}

}  // namespace

AdmissionControl::AdmissionControl(Clock& clock, AdmissionOptions options)
    : clock_(clock),
      options_(std::move(options)),
      limits_(clock, options_.limits) {}

AdmissionControl::~AdmissionControl() { Stop(); }

Admission AdmissionControl::Admit(absl::StatusOr<Caller> authenticated,
                                  const std::string& address, CallKind kind) {
  if (absl::IsUnauthenticated(authenticated.status())) {
    const absl::Time now = clock_.Now();
    absl::Time answer_at = now;
    if (!address.empty()) {
      absl::MutexLock lock(&mutex_);
      answer_at += failed_.Fail(NetworkOf(address), now);
    }
    if (options_.on_unauthenticated)
      options_.on_unauthenticated(address, authenticated.status());
    return {std::move(authenticated), nullptr, answer_at};
  }
  if (!authenticated.ok()) return {std::move(authenticated)};
  authenticated->address = PlainAddress(address);
  const std::string counts_for = CountsFor(*authenticated, address);
  if (counts_for.empty()) return {std::move(authenticated)};
  absl::StatusOr<std::shared_ptr<CallMeter>> meter =
      limits_.Begin(counts_for, kind);
  if (!meter.ok()) return {meter.status()};
  return {std::move(authenticated), *std::move(meter)};
}

void AdmissionControl::Refuse(const Admission& refused,
                              std::function<void()> answer) {
  if (refused.answer_at > clock_.Now()) {
    absl::MutexLock lock(&mutex_);
    if (!stopped_ &&
        waiting_.size() < static_cast<size_t>(options_.max_waiting)) {
      waiting_.emplace(refused.answer_at, std::move(answer));
      return;
    }
  }
  answer();
}

void AdmissionControl::Tick() {
  const absl::Time now = clock_.Now();
  std::vector<std::function<void()>> due;
  {
    absl::MutexLock lock(&mutex_);
    const auto end = waiting_.upper_bound(now);
    for (auto it = waiting_.begin(); it != end; ++it) {
      due.push_back(std::move(it->second));
    }
    waiting_.erase(waiting_.begin(), end);
  }
  for (const auto& answer : due) answer();
}

void AdmissionControl::Stop() {
  std::multimap<absl::Time, std::function<void()>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    waiting = std::exchange(waiting_, {});
  }
  for (const auto& [due_at, answer] : waiting) answer();
}

}  // namespace atelier
