#include "worker/renderer/checkpoint_file.h"

#include <ATen/ATen.h>

#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "common/weights/safetensors.h"

namespace atelier {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tensors are copied to and from little-endian files as they are");

constexpr absl::string_view kVersion = "1";
constexpr absl::string_view kVersionKey = "atelier_checkpoint";
constexpr absl::string_view kRenderKey = "render";
constexpr absl::string_view kDigestKey = "sha256";
constexpr absl::string_view kOptimizerPrefix = "optimizer/";
constexpr size_t kNumberLength = 4;  // "017/"

using Tensors = std::map<std::string, TensorView>;
using Metadata = std::map<std::string, std::string>;

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("checkpoint: ", what));
}

template <typename T>
constexpr absl::string_view DtypeOf() {
  if constexpr (std::is_same_v<T, int64_t>) return "I64";
  if constexpr (std::is_same_v<T, double>) return "F64";
  return "F32";
}

template <typename T>
TensorView View(const std::vector<T>& values) {
  return {std::string(DtypeOf<T>()),
          {static_cast<int64_t>(values.size())},
          {reinterpret_cast<const char*>(values.data()),
           values.size() * sizeof(T)}};
}

// REQUIRES: contiguous float32 or float64 on the CPU.
TensorView View(const at::Tensor& tensor) {
  return {tensor.scalar_type() == at::kDouble ? "F64" : "F32",
          tensor.sizes().vec(),
          {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()}};
}

// Every piece is preceded by its length, so that no two files hash alike.
std::string DigestOf(const Metadata& metadata, const Tensors& tensors) {
  Sha256 hash;
  const auto add = [&hash](absl::string_view piece) {
    hash.Update(absl::StrCat(piece.size(), ":"));
    hash.Update(piece);
  };
  for (const auto& [key, value] : metadata) {
    if (key == kDigestKey) continue;
    add(key);
    add(value);
  }
  for (const auto& [name, tensor] : tensors) {
    add(name);
    add(tensor.dtype);
    add(absl::StrJoin(tensor.shape, ","));
    add(tensor.bytes);
  }
  return hash.HexDigest();
}

// Takes tensors out of a file by name; the first thing wrong stays in status().
class TensorReader {
 public:
  explicit TensorReader(const Tensors& tensors) : tensors_(tensors) {}

  // `length` -1: any.
  template <typename T>
  std::vector<T> Values(const std::string& name, int64_t length) {
    const TensorView* const view = Find(name);
    if (view == nullptr) return {};
    if (view->dtype != DtypeOf<T>() || view->shape.size() != 1 ||
        (length >= 0 && view->shape[0] != length)) {
      Fail(absl::StrCat(name, " is ", view->dtype, " ", ShapeText(view->shape),
                        "; expected ", DtypeOf<T>(), " [",
                        length < 0 ? "any" : absl::StrCat(length), "]"));
      return {};
    }
    std::vector<T> values(view->bytes.size() / sizeof(T));
    std::memcpy(values.data(), view->bytes.data(), view->bytes.size());
    return values;
  }

  at::Tensor Tensor(const std::string& name) {
    const TensorView* const view = Find(name);
    if (view == nullptr) return {};
    if (view->dtype != "F32" && view->dtype != "F64") {
      Fail(absl::StrCat(name, " is ", view->dtype, "; expected F32 or F64"));
      return {};
    }
    at::Tensor tensor =
        at::empty(view->shape, view->dtype == "F64" ? at::kDouble : at::kFloat);
    if (!view->bytes.empty()) {
      std::memcpy(tensor.data_ptr(), view->bytes.data(), view->bytes.size());
    }
    return tensor;
  }

  const absl::Status& status() const { return status_; }

 private:
  const TensorView* Find(const std::string& name) {
    const auto found = tensors_.find(name);
    if (found != tensors_.end()) return &found->second;
    Fail(absl::StrCat(name, " is missing"));
    return nullptr;
  }
  void Fail(absl::string_view what) {
    if (status_.ok()) status_ = Damaged(what);
  }

  const Tensors& tensors_;
  absl::Status status_;
};

absl::Status CheckFile(const NamedTensors& file, absl::string_view render) {
  const auto value_of = [&file](absl::string_view key) -> std::string {
    const auto found = file.metadata.find(std::string(key));
    return found == file.metadata.end() ? "" : found->second;
  };
  const std::string version = value_of(kVersionKey);
  if (version.empty()) return Damaged("metadata has no atelier_checkpoint");
  if (version != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint: version ", Quoted(version),
                     " is not known here; expected ", kVersion));
  }
  if (value_of(kDigestKey) != DigestOf(file.metadata, file.tensors)) {
    return Damaged("sha256 is not that of the contents");
  }
  if (value_of(kRenderKey) != render) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint: is of render ", Quoted(value_of(kRenderKey)),
                     ", not ", Quoted(render)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string WriteCheckpoint(const engine::Checkpoint& checkpoint,
                            absl::string_view render) {
  const engine::Progress::State& progress = checkpoint.progress;
  const engine::CurvePoint& best = progress.best;
  const std::vector<int64_t> position = {checkpoint.iteration,
                                         progress.restarts, progress.exploded,
                                         best.iteration, best.scale};
  const std::vector<int64_t> scale_ends(checkpoint.scale_ends.begin(),
                                        checkpoint.scale_ends.end());
  const std::vector<double> best_losses = {best.content, best.style,
                                           best.total_variation, best.total};
  Tensors tensors = {
      {"position", View(position)},       {"scale_ends", View(scale_ends)},
      {"best_losses", View(best_losses)}, {"window", View(progress.window)},
      {"image", View(checkpoint.image)},  {"best", View(checkpoint.best)}};
  for (size_t i = 0; i < checkpoint.optimizer.size(); ++i) {
    const engine::NamedTensor& part = checkpoint.optimizer[i];
    tensors[absl::StrFormat("%s%03d/%s", kOptimizerPrefix, i, part.name)] =
        View(part.tensor);
  }
  Metadata metadata = {{std::string(kVersionKey), std::string(kVersion)},
                       {std::string(kRenderKey), std::string(render)}};
  metadata[std::string(kDigestKey)] = DigestOf(metadata, tensors);
  return WriteSafetensors(metadata, {tensors.begin(), tensors.end()});
}

absl::StatusOr<engine::Checkpoint> ReadCheckpoint(absl::string_view bytes,
                                                  absl::string_view render) {
  const absl::StatusOr<NamedTensors> file = ReadSafetensors(bytes);
  if (!file.ok()) return Damaged(file.status().message());
  RETURN_IF_ERROR(CheckFile(*file, render));

  TensorReader reader(file->tensors);
  const std::vector<int64_t> position = reader.Values<int64_t>("position", 5);
  const std::vector<int64_t> scale_ends =
      reader.Values<int64_t>("scale_ends", -1);
  const std::vector<double> losses = reader.Values<double>("best_losses", 4);
  engine::Checkpoint checkpoint;
  checkpoint.progress.window = reader.Values<double>("window", -1);
  checkpoint.image = reader.Tensor("image");
  checkpoint.best = reader.Tensor("best");
  for (const auto& [name, view] : file->tensors) {
    absl::string_view part = name;
    if (!absl::ConsumePrefix(&part, kOptimizerPrefix)) continue;
    part.remove_prefix(std::min(part.size(), kNumberLength));
    checkpoint.optimizer.push_back({std::string(part), reader.Tensor(name)});
  }
  RETURN_IF_ERROR(reader.status());
  checkpoint.iteration = static_cast<int>(position[0]);
  checkpoint.progress.restarts = static_cast<int>(position[1]);
  checkpoint.progress.exploded = static_cast<int>(position[2]);
  checkpoint.progress.best = {
      static_cast<int>(position[3]), losses[0], losses[1], losses[2], losses[3],
      static_cast<int>(position[4])};
  checkpoint.scale_ends.assign(scale_ends.begin(), scale_ends.end());
  return checkpoint;
}

}  // namespace atelier
