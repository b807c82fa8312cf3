#include "worker/engine/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "worker/engine/term_registry.h"

namespace atelier::engine {
namespace {

bool IsFinite(const CurvePoint& at) {
  return std::isfinite(at.total) &&
         std::all_of(at.terms.begin(), at.terms.end(), [](const auto& term) {
           return std::isfinite(term.second);
         });
}

}  // namespace

absl::Status Progress::State::Check() const {
  if (restarts >= 0 && restarts <= kMaxRestarts && exploded >= 0 &&
      exploded < kExplosionPatience && window.size() <= kProgressWindow + 1) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "checkpoint: no render has ", restarts, " restarts, ", exploded,
      " exploded losses and a window of ", window.size()));
}

Progress::Verdict Progress::Judge(const CurvePoint& at) {
  if (!IsFinite(at)) return Restart();
  // The first of the least, as the device keeps its image.
  if (state_.best.iteration == 0 || at.total < state_.best.total) {
    state_.best = at;
  }
  const bool exploded = at.total > kExplosion * state_.best.total;
  state_.exploded = exploded ? state_.exploded + 1 : 0;
  if (state_.exploded == kExplosionPatience) return Restart();

  std::vector<double>& window = state_.window;
  if (window.size() > kProgressWindow) window.erase(window.begin());
  window.push_back(state_.best.total);
  return Verdict::kGoOn;
}

Progress::Verdict Progress::Restart() {
  // Where no loss was finite there is nothing to go back to.
  if (state_.best.iteration == 0 || state_.restarts == kMaxRestarts) {
    return Verdict::kDiverged;
  }
  ++state_.restarts;
  state_.exploded = 0;
  state_.window.clear();
  return Verdict::kRestart;
}

void Progress::BeginAnew() {
  state_.best = CurvePoint();
  state_.exploded = 0;
  state_.window.clear();
}

bool Progress::StalledBelow(double least_progress) const {
  const std::vector<double>& window = state_.window;
  if (least_progress <= 0 || window.size() <= kProgressWindow) return false;
  // Not "<": at a loss of zero there is no progress either.
  return window.front() - window.back() <= least_progress * window.front();
}

std::string DescribeLosses(const CurvePoint& at) {
  std::string text;
  for (const auto& [name, value] : at.terms) {
    absl::StrAppend(&text, TermLabel(name), " ", value, ", ");
  }
  return absl::StrCat(text, "total ", at.total);
}

std::string Describe(const CurvePoint& at) {
  return absl::StrCat("iteration ", at.iteration, ": ", DescribeLosses(at));
}

}  // namespace atelier::engine
