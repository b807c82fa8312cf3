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
  if (const std::vector<at::Tensor>* const tensors = kept_.Find(key)) {
    ++hits_;
    return *tensors;
  }
  ASSIGN_OR_RETURN(std::vector<at::Tensor> made, make());
  const int64_t bytes = BytesOf(made);
  if (bytes <= max_bytes_) {
    kept_.MakeRoom(bytes, max_bytes_);
    kept_.Add(key, made, bytes);
  }
  return made;
}

void TargetCache::Clear() { kept_.Clear(); }

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
