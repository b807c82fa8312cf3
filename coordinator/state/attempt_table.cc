#include "coordinator/state/attempt_table.h"

#include <utility>

#include "coordinator/state/fitness.h"

namespace atelier {

Attempt& AttemptTable::Begin(const AttemptToken& token, absl::Time deadline) {
  const auto [attempt, is_new] = attempts_.try_emplace(token);
  if (is_new) by_render_[token.render_key].insert(token);
  leases_.Set(token, deadline);
  return attempt->second;
}

Attempt* AttemptTable::Find(const AttemptToken& token) {
  const auto found = attempts_.find(token);
  return found == attempts_.end() ? nullptr : &found->second;
}

const Attempt* AttemptTable::Find(const AttemptToken& token) const {
  const auto found = attempts_.find(token);
  return found == attempts_.end() ? nullptr : &found->second;
}

void AttemptTable::Extend(const AttemptToken& token, absl::Time deadline) {
  leases_.Set(token, deadline);
}

Attempt AttemptTable::End(const AttemptToken& token) {
  const auto same_render = by_render_.find(token.render_key);
  same_render->second.erase(token);
  if (same_render->second.empty()) by_render_.erase(same_render);
  leases_.Release(token);
  return std::move(attempts_.extract(token).mapped());
}

const std::set<AttemptToken>& AttemptTable::Of(const RenderKey& render) const {
  static const auto& none = *new std::set<AttemptToken>;
  const auto found = by_render_.find(render);
  return found == by_render_.end() ? none : found->second;
}

std::optional<AttemptToken> AttemptTable::FindFor(
    const RenderKey& render, int engine_version,
    const WorkerNeeds& needs) const {
  for (const AttemptToken& token : Of(render)) {
    const Arithmetic& arithmetic = At(token).arithmetic;
    if (arithmetic.engine_version != engine_version) continue;
    if (HasProfile(arithmetic.profile, needs)) return token;
  }
  return std::nullopt;
}

}  // namespace atelier
