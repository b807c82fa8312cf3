#include "coordinator/control/audit_log.h"

#include <algorithm>
#include <utility>

#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/state/row_changes.h"

namespace atelier {
namespace {

constexpr size_t kMaxMessageBytes = 500;
// Refusals take no more of the log than this part.
constexpr int64_t kRefusalsPart = 4;

absl::Status WriteEntries(Store& store, std::vector<AuditRecord> entries) {
  RowChanges changes;
  changes.audit = std::move(entries);
  return store.Apply(changes);
}

}  // namespace

AuditRecord AuditEntry(const Caller& caller, Verb verb, absl::Time now) {
  AuditRecord entry;
  entry.at = now;
  entry.accessor = caller.accessor;
  entry.user = caller.name;
  entry.address = caller.address;
  entry.action = std::string(RuleOf(verb).action);
  return entry;
}

void SetOutcome(AuditRecord& entry, const absl::Status& status) {
  entry.outcome = absl::StatusCodeToString(status.code());
  if (status.ok()) return;
  entry.message = ClippedText(std::string(status.message()), kMaxMessageBytes);
}

AuditLog::AuditLog(Store& store, Clock& clock, const Options& options)
    : store_(store), clock_(clock), options_(options) {}

AuditLog::~AuditLog() { WriteRefusals(absl::InfiniteFuture()); }

AuditRecord AuditLog::Entry(const Caller& caller, Verb verb) const {
  return AuditEntry(caller, verb, clock_.Now());
}

void AuditLog::Append(AuditRecord entry,
                      std::function<void(const absl::Status&)> done) {
  absl::MutexLock lock(&mutex_);
  pending_.push_back({std::move(entry), std::move(done)});
  ++appended_;
  if (std::exchange(is_writing_, true)) return;
  writer_.Schedule([this] { WritePending(); });
}

void AuditLog::WritePending() {
  while (true) {
    std::vector<Pending> batch;
    {
      absl::MutexLock lock(&mutex_);
      batch.swap(pending_);
      is_writing_ = !batch.empty();
    }
    if (batch.empty()) return;
    std::vector<AuditRecord> entries;
    for (const Pending& one : batch) entries.push_back(one.entry);
    const absl::Status written = WriteEntries(store_, std::move(entries));
    for (const Pending& one : batch) {
      if (one.done) one.done(written);
    }
    absl::MutexLock lock(&mutex_);
    written_ += static_cast<int64_t>(batch.size());
  }
}

void AuditLog::CountRefusal(const Caller& caller, const absl::Status& status) {
  const bool is_unknown = absl::IsUnauthenticated(status);
  if (!is_unknown && !absl::IsPermissionDenied(status) &&
      DeniedAction(status).empty()) {
    return;
  }
  AuditRecord entry;
  entry.at = clock_.Now();
  entry.accessor = caller.accessor;
  entry.user = caller.name;
  entry.address = caller.address;
  entry.action = is_unknown ? "authenticate" : DeniedAction(status);
  if (entry.action.empty()) entry.action = "other";  // The message says what.
  SetOutcome(entry, status);
  entry.is_refusal = true;
  absl::MutexLock lock(&mutex_);
  Count(std::move(entry));
}

void AuditLog::Count(AuditRecord entry) {
  auto found = refusals_.find(KindOf(entry));
  if (found == refusals_.end() && refusals_.size() >= kMaxRefusalKinds) {
    entry.accessor = entry.user = entry.address = entry.action = "";
    entry.message = "of more callers and addresses than are told apart";
    found = refusals_.find(KindOf(entry));
  }
  if (found == refusals_.end()) {
    refusals_.emplace(KindOf(entry), std::move(entry));
  } else {
    found->second.at = std::min(found->second.at, entry.at);
    found->second.count += entry.count;
  }
}

AuditLog::RefusalKind AuditLog::KindOf(const AuditRecord& entry) {
  return {entry.accessor, entry.user, entry.address, entry.action,
          entry.outcome};
}

void AuditLog::WriteRefusals(absl::Time began_before) {
  std::vector<AuditRecord> over;
  {
    absl::MutexLock lock(&mutex_);
    for (auto one = refusals_.begin(); one != refusals_.end();) {
      if (one->second.at >= began_before) {
        ++one;
        continue;
      }
      over.push_back(std::move(one->second));
      one = refusals_.erase(one);
    }
  }
  if (over.empty()) return;
  std::sort(
      over.begin(), over.end(),
      [](const AuditRecord& a, const AuditRecord& b) { return a.at < b.at; });
  if (WriteEntries(store_, over).ok()) return;
  absl::MutexLock lock(&mutex_);
  for (AuditRecord& one : over) Count(std::move(one));
}

void AuditLog::Trim(absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    if (now < next_trim_) return;
    next_trim_ = now + kTrimEvery;
  }
  RowChanges changes;
  changes.audit_trim = {now - options_.keep, options_.max_rows,
                        options_.max_rows / kRefusalsPart};
  // What can't be removed now is removed the next time.
  store_.Apply(changes).IgnoreError();
}

void AuditLog::Tick() {
  const absl::Time now = clock_.Now();
  WriteRefusals(now - kRefusalsSummedFor);
  Trim(now);
}

absl::StatusOr<std::vector<AuditRecord>> AuditLog::List(const Caller& caller,
                                                        const AuditQuery& query,
                                                        int limit) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kReadAudit));
  // Who asks sees what was answered before.
  {
    absl::MutexLock lock(&mutex_);
    const int64_t before = appended_;
    const auto is_written = [this, before]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                                mutex_) { return written_ >= before; };
    mutex_.AwaitWithTimeout(absl::Condition(&is_written), kSoonWritten);
  }
  return store_.ListAudit(query, limit);
}

}  // namespace atelier
