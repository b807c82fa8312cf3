#include "coordinator/state/known_results.h"

#include <algorithm>
#include <utility>

namespace atelier {
namespace {

constexpr size_t kMostMissing = 4096;

auto MadeBy(const Arithmetic& arithmetic, std::vector<TaskResult>& results) {
  return std::find_if(results.begin(), results.end(),
                      [&](const TaskResult& result) {
                        return result.arithmetic == arithmetic;
                      });
}

}  // namespace

const std::vector<TaskResult>* KnownResults::Find(const RenderKey& key) const {
  static const auto& none = *new std::vector<TaskResult>;
  const auto found = renders_.find(key);
  if (found != renders_.end() && found->second.asked) {
    return &found->second.results;
  }
  return missing_.count(key) > 0 ? &none : nullptr;
}

void KnownResults::SetAsked(const RenderKey& key) {
  renders_[key].asked = true;
}

void KnownResults::Learn(const RenderKey& key, TaskResult result) {
  std::vector<TaskResult>& results = renders_[key].results;
  if (MadeBy(result.arithmetic, results) == results.end()) {
    results.push_back(std::move(result));
  }
}

void KnownResults::Add(const RenderKey& key, TaskResult result) {
  Known& known = renders_[key];
  if (missing_.erase(key) > 0) known.asked = true;
  const auto found = MadeBy(result.arithmetic, known.results);
  if (found == known.results.end()) {
    known.results.push_back(std::move(result));
  } else {
    *found = std::move(result);
  }
}

void KnownResults::Trim(const std::set<RenderKey>& kept) {
  if (missing_.size() > kMostMissing) missing_.clear();
  for (auto it = renders_.begin(); it != renders_.end();) {
    const auto& [key, known] = *it;
    if (kept.count(key) > 0) {
      ++it;
      continue;
    }
    if (known.asked && known.results.empty()) missing_.insert(key);
    it = renders_.erase(it);
  }
}

void KnownResults::Clear() {
  missing_.clear();
  renders_.clear();
}

}  // namespace atelier
