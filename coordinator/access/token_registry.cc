#include "coordinator/access/token_registry.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/token/token_text.h"
#include "coordinator/control/access.h"
#include "coordinator/control/audit_log.h"

namespace atelier {
namespace {

constexpr size_t kRoleAt = 4;  // Behind "atl_".

absl::Time ToMicros(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

// When it ended, or is to end.
absl::Time EndOf(const TokenRecord& record) {
  return std::min(record.expires_at.value_or(absl::InfiniteFuture()),
                  record.revoked_at.value_or(absl::InfiniteFuture()));
}

bool IsOlder(const TokenRecord& a, const TokenRecord& b) {
  return std::tie(a.created_at, a.accessor) <
         std::tie(b.created_at, b.accessor);
}

absl::Status CheckRequest(const TokenRequest& request) {
  if (request.role == Role::kSubmit && request.user.empty()) {
    return InvalidArgument(
        "user: not given; a token of the role submit needs one");
  }
  if (request.role == Role::kWork && !request.user.empty()) {
    return InvalidArgument("user: ", Quoted(request.user),
                           " given; a token of the role work has none");
  }
  if (request.role != Role::kWork && !request.worker_pattern.empty()) {
    return InvalidArgument("worker_pattern: ", Quoted(request.worker_pattern),
                           " given; for a token of the role work alone");
  }
  if (request.role != Role::kWork && request.max_slots != 0) {
    return InvalidArgument("max_slots: ", request.max_slots,
                           " given; for a token of the role work alone");
  }
  if (request.expires_in <= absl::ZeroDuration()) {
    return InvalidArgument(
        "expires_in: ", absl::FormatDuration(request.expires_in),
        " is not allowed; at least 1s");
  }
  return absl::OkStatus();
}

// "submit, for anna, until 2030-01-01": for the audit log.
std::string Described(const TokenRecord& record) {
  std::string text = record.role;
  if (!record.user.empty()) absl::StrAppend(&text, ", for ", record.user);
  if (!record.worker_pattern.empty()) {
    absl::StrAppend(&text, ", workers ", record.worker_pattern);
  }
  if (record.expires_at.has_value()) {
    absl::StrAppend(
        &text, ", until ",
        absl::FormatTime("%Y-%m-%d", *record.expires_at, absl::UTCTimeZone()));
  }
  return text;
}

}  // namespace

bool IsOver(const TokenRecord& record, absl::Time now) {
  return EndOf(record) <= now;
}

TokenRegistry::TokenRegistry(Store& store, Clock& clock)
    : store_(store), clock_(clock) {}

absl::Status TokenRegistry::Load() {
  absl::MutexLock write(&writing_);
  ASSIGN_OR_RETURN(std::vector<TokenRecord> records, store_.ListTokens());
  absl::MutexLock lock(&mutex_);
  for (TokenRecord& record : records) Know(std::move(record));
  return absl::OkStatus();
}

void TokenRegistry::Know(TokenRecord record) {
  Entry& entry = entries_[record.hash];
  if (entry.has_ended == nullptr) {
    entry.has_ended = std::make_shared<std::atomic<bool>>(false);
  }
  if (IsOver(record, clock_.Now())) *entry.has_ended = true;
  entry.record = std::move(record);
}

absl::Status TokenRegistry::Put(const Caller& caller, Verb verb,
                                const TokenRecord& record) {
  RowChanges changes;
  changes.tokens.push_back({record});
  AuditRecord entry = AuditEntry(caller, verb, clock_.Now());
  entry.target = record.accessor;
  entry.message = Described(record);
  SetOutcome(entry, absl::OkStatus());
  changes.audit.push_back(std::move(entry));
  RETURN_IF_ERROR(store_.Apply(changes));
  absl::MutexLock lock(&mutex_);
  Know(record);
  return absl::OkStatus();
}

absl::StatusOr<NewToken> TokenRegistry::Create(const Caller& caller,
                                               const TokenRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  absl::MutexLock write(&writing_);
  if (List().size() >= kMost) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", kMost,
                     " tokens, which are the most; revoke some, and "
                     "they go after 30 days"));
  }
  NewToken made;
  made.text = MakeToken(Name(request.role)[0]);
  TokenRecord& record = made.record;
  record.accessor = MakeAccessor();
  record.hash = TokenHash(made.text);
  record.role = std::string(Name(request.role));
  record.user = request.user;
  record.worker_pattern = request.worker_pattern;
  record.max_slots = request.max_slots;
  record.created_at = ToMicros(clock_.Now());
  if (request.expires_in != absl::InfiniteDuration()) {
    record.expires_at = ToMicros(record.created_at + request.expires_in);
  }
  RETURN_IF_ERROR(Put(caller, Verb::kCreateToken, record));
  return made;
}

absl::StatusOr<TokenRecord> TokenRegistry::Adopt(absl::string_view text,
                                                 const std::string& user) {
  RETURN_IF_ERROR(CheckToken(text));
  if (text[kRoleAt] != Name(Role::kAdmin)[0]) {
    return InvalidArgument("is a token of another role (atl_",
                           text.substr(kRoleAt, 1),
                           "...); an admin's is wanted (atl_a...)");
  }
  absl::MutexLock write(&writing_);
  TokenRecord record;
  record.hash = TokenHash(text);
  {
    absl::MutexLock lock(&mutex_);
    const auto known = entries_.find(record.hash);
    if (known != entries_.end()) return known->second.record;
  }
  record.accessor = MakeAccessor();
  record.role = std::string(Name(Role::kAdmin));
  record.user = user;
  record.created_at = ToMicros(clock_.Now());
  RETURN_IF_ERROR(Put(CoordinatorItself(), Verb::kCreateToken, record));
  return record;
}

std::optional<TokenRecord> TokenRegistry::FindByAccessor(
    const std::string& accessor) const {
  absl::MutexLock lock(&mutex_);
  for (const auto& [hash, entry] : entries_) {
    if (entry.record.accessor == accessor) return entry.record;
  }
  return std::nullopt;
}

absl::StatusOr<TokenRecord> TokenRegistry::Revoke(const Caller& caller,
                                                  const std::string& accessor) {
  absl::MutexLock write(&writing_);
  std::optional<TokenRecord> record = FindByAccessor(accessor);
  if (!record.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("no token has the accessor ", accessor));
  }
  const absl::Time now = clock_.Now();
  if (IsOver(*record, now)) return *std::move(record);
  record->revoked_at = ToMicros(now);
  RETURN_IF_ERROR(Put(caller, Verb::kRevokeToken, *record));
  absl::MutexLock lock(&mutex_);
  *entries_.at(record->hash).has_ended = true;
  return *std::move(record);
}

void TokenRegistry::Tick() {
  absl::MutexLock write(&writing_);
  const absl::Time now = clock_.Now();
  RowChanges changes;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [hash, entry] : entries_) {
      if (IsOver(entry.record, now)) *entry.has_ended = true;
    }
    if (now < next_write_) return;
    next_write_ = now + kUseWrittenWithin;
    for (auto& [hash, entry] : entries_) {
      const bool keep = entry.record.role == Name(Role::kAdmin) ||
                        EndOf(entry.record) + kKeptAfterEnd > now;
      if (keep && entry.use_is_written) continue;
      changes.tokens.push_back({entry.record, keep});
    }
  }
  // What is not written now is written in a minute.
  if (changes.tokens.empty() || !store_.Apply(changes).ok()) return;
  absl::MutexLock lock(&mutex_);
  for (const TokenChange& change : changes.tokens) {
    const auto entry = entries_.find(change.token.hash);
    if (!change.keep) {
      entries_.erase(entry);
    } else if (entry->second.record.last_used_at == change.token.last_used_at) {
      entry->second.use_is_written = true;
    }
  }
}

std::vector<TokenRecord> TokenRegistry::List() const {
  std::vector<TokenRecord> records;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [hash, entry] : entries_) records.push_back(entry.record);
  }
  std::sort(records.begin(), records.end(), IsOlder);
  return records;
}

// Looked up by its hash: how long that takes says nothing of the token.
absl::StatusOr<Caller> TokenRegistry::Authenticate(absl::string_view token) {
  const std::string hash = token.empty() ? "" : TokenHash(token);
  absl::MutexLock lock(&mutex_);
  const absl::Time now = clock_.Now();
  const auto found = entries_.find(hash);
  if (found == entries_.end() || IsOver(found->second.record, now)) {
    return absl::UnauthenticatedError(
        token.empty() ? "a token is needed, and none was given"
                      : "the token that was given is not valid here");
  }
  Entry& entry = found->second;
  TokenRecord& record = entry.record;
  if (!record.last_used_at.has_value() ||
      now - *record.last_used_at >= kUseWrittenWithin) {
    record.last_used_at = ToMicros(now);
    entry.use_is_written = false;
  }
  const std::optional<Role> role = ParseRole(record.role);
  Caller caller;
  caller.name = record.user.empty() ? record.accessor : record.user;
  if (role.has_value()) caller.roles = {*role};
  caller.accessor = record.accessor;
  caller.worker_pattern = record.worker_pattern;
  caller.max_slots = record.max_slots;
  caller.has_ended = entry.has_ended;
  return caller;
}

bool MatchesPattern(absl::string_view pattern, absl::string_view name) {
  if (pattern.empty()) return true;
  // Where the last * was, and what it stands for so far.
  size_t star = absl::string_view::npos;
  size_t begun = 0;
  size_t p = 0;
  size_t n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      begun = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      n = ++begun;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == absl::string_view::npos;
}

}  // namespace atelier
