#include "worker/engine/target_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier::engine {
namespace {

int64_t BytesOf(const std::vector<at::Tensor>& tensors) {
  int64_t bytes = 0;
  for (const at::Tensor& tensor : tensors) {
    bytes += static_cast<int64_t>(tensor.nbytes());
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::vector<at::Tensor>> TargetCache::GetOrMake(
    const std::string& key,
    absl::FunctionRef<absl::StatusOr<std::vector<at::Tensor>>()> make) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    ++hits_;
    entries_.splice(entries_.end(), entries_, found->second);
    return found->second->tensors;
  }
  ASSIGN_OR_RETURN(std::vector<at::Tensor> made, make());
  Keep(key, made);
  return made;
}

void TargetCache::Clear() {
  by_key_.clear();
  entries_.clear();
  size_bytes_ = 0;
}

void TargetCache::Keep(const std::string& key,
                       const std::vector<at::Tensor>& tensors) {
  const int64_t bytes = BytesOf(tensors);
  if (bytes > max_bytes_) return;
  while (size_bytes_ + bytes > max_bytes_) {
    size_bytes_ -= BytesOf(entries_.front().tensors);
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
  }
  by_key_[key] = entries_.insert(entries_.end(), {key, tensors});
  size_bytes_ += bytes;
}

KeptTargets KeptTargets::Shrunk(int64_t factor) const {
  KeptTargets shrunk = *this;
  if (factor == 1) return shrunk;
  const std::string suffix = absl::StrCat(" over ", factor);
  shrunk.content += suffix;
  for (std::string& style : shrunk.styles) style += suffix;
  return shrunk;
}

absl::StatusOr<std::vector<at::Tensor>> KeptTargets::GetOrMake(
    const std::string& key,
    absl::FunctionRef<absl::StatusOr<std::vector<at::Tensor>>()> make) const {
  if (cache == nullptr) return make();
  return cache->GetOrMake(absl::StrCat(network, "\n", key), make);
}

}  // namespace atelier::engine
