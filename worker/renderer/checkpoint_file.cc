#include "worker/renderer/checkpoint_file.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/digest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/safetensors.h"
#include "worker/engine/term.h"
#include "worker/engine/term_registry.h"

namespace atelier {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tensors are copied to and from little-endian files as they are");

constexpr absl::string_view kVersion = "1";
constexpr absl::string_view kVersionKey = "atelier_checkpoint";
constexpr absl::string_view kRenderKey = "render";
constexpr absl::string_view kTermsKey = "terms";
// Of a file that does not name them.
constexpr absl::string_view kUnnamedTerms = "content,style,total_variation";
constexpr absl::string_view kDigestKey = "sha256";
constexpr absl::string_view kOptimizerPrefix = "optimizer/";
constexpr size_t kNumberLength = 4;  // "017/"
constexpr uint64_t kPieceBytes = 1 << 20;

using Tensors = std::map<std::string, at::Tensor>;
using Metadata = std::map<std::string, std::string>;

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("checkpoint: ", what));
}

struct Dtype {
  absl::string_view name;
  at::ScalarType type;
};
constexpr Dtype kDtypes[] = {{"F32", at::kFloat},
                             {"F64", at::kDouble},
                             {"I64", at::kLong},
                             {"BF16", at::kBFloat16}};

std::string DtypeOf(const at::Tensor& tensor) {
  for (const Dtype& dtype : kDtypes) {
    if (dtype.type == tensor.scalar_type()) return std::string(dtype.name);
  }
  TORCH_CHECK(false, "checkpoint: ", tensor.scalar_type(), " has no name here");
}

template <typename T>
at::Tensor ToTensor(const std::vector<T>& values, at::ScalarType type) {
  return at::tensor(at::ArrayRef<T>(values), type);
}

template <typename T>
std::vector<T> ToVector(const at::Tensor& tensor) {
  const T* const first = tensor.data_ptr<T>();
  return {first, first + tensor.numel()};
}

// Of each term of the registry, then the total. Zeros before the first.
std::vector<double> LossesOf(const engine::CurvePoint& at) {
  std::vector<double> losses;
  for (const engine::TermKind* kind : engine::TermRegistry()) {
    const double* const value = at.terms.Find(kind->name);
    losses.push_back(value == nullptr ? 0 : *value);
  }
  losses.push_back(at.total);
  return losses;
}

std::string TermNames() {
  return absl::StrJoin(engine::TermRegistry(), ",",
                       [](std::string* out, const engine::TermKind* kind) {
                         absl::StrAppend(out, kind->name);
                       });
}

// REQUIRES: one more than there are names. A term that is not named was 0.
void SetLosses(const std::vector<std::string>& names,
               const std::vector<double>& losses, engine::CurvePoint& at) {
  at.total = losses.back();
  for (const engine::TermKind* kind : engine::TermRegistry()) {
    const auto found = std::find(names.begin(), names.end(), kind->name);
    at.terms.Add(kind->name,
                 found == names.end() ? 0 : losses[found - names.begin()]);
  }
}

Tensors TensorsOf(const engine::Checkpoint& checkpoint) {
  const engine::Progress::State& progress = checkpoint.progress;
  const engine::CurvePoint& best = progress.best;
  const std::vector<int64_t> scale_ends(checkpoint.scale_ends.begin(),
                                        checkpoint.scale_ends.end());
  Tensors tensors;
  tensors["position"] =
      ToTensor<int64_t>({checkpoint.iteration, progress.restarts,
                         progress.exploded, best.iteration, best.scale},
                        at::kLong);
  tensors["scale_ends"] = ToTensor(scale_ends, at::kLong);
  tensors["best_losses"] = ToTensor(LossesOf(best), at::kDouble);
  tensors["window"] = ToTensor(progress.window, at::kDouble);
  tensors["image"] = checkpoint.image;
  tensors["best"] = checkpoint.best;
  for (size_t i = 0; i < checkpoint.optimizer.size(); ++i) {
    const engine::NamedTensor& part = checkpoint.optimizer[i];
    tensors[absl::StrFormat("%s%03d/%s", kOptimizerPrefix, i, part.name)] =
        part.tensor;
  }
  return tensors;
}

// Calls `use` with the tensor's bytes; its device may not be this one's.
template <typename F>
void WithBytes(const at::Tensor& tensor, F&& use) {
  const at::Tensor here = tensor.to(at::kCPU).contiguous();
  use(absl::string_view(static_cast<const char*>(here.data_ptr()),
                        here.nbytes()));
}

// Of metadata but its own, then of tensors by name. Every piece is preceded by
// its length, so that no two files hash alike.
class FileDigest {
 public:
  explicit FileDigest(const Metadata& metadata) {
    for (const auto& [key, value] : metadata) {
      if (key == kDigestKey) continue;
      Add(key);
      Add(value);
    }
  }
  // The tensor's bytes are to follow, by Update.
  void AddTensor(absl::string_view name, absl::string_view dtype,
                 at::IntArrayRef shape, uint64_t size) {
    Add(name);
    Add(dtype);
    Add(absl::StrJoin(shape, ","));
    hash_.Update(absl::StrCat(size, ":"));
  }
  void Update(absl::string_view bytes) { hash_.Update(bytes); }
  std::string Hex() { return hash_.HexDigest(); }

 private:
  void Add(absl::string_view piece) {
    hash_.Update(absl::StrCat(piece.size(), ":"));
    hash_.Update(piece);
  }
  Sha256 hash_;
};

std::string DigestOf(const Metadata& metadata, const Tensors& tensors) {
  FileDigest digest(metadata);
  for (const auto& [name, tensor] : tensors) {
    digest.AddTensor(name, DtypeOf(tensor), tensor.sizes(), tensor.nbytes());
    WithBytes(tensor, [&](absl::string_view bytes) { digest.Update(bytes); });
  }
  return digest.Hex();
}

std::string DigestOf(const SafetensorsHeader& header, std::istream& in) {
  FileDigest digest(header.metadata);
  std::string piece;
  for (const auto& [name, place] : header.tensors) {
    digest.AddTensor(name, place.dtype, place.shape, place.size);
    in.seekg(static_cast<std::streamoff>(place.begin));
    for (uint64_t read = 0; read < place.size; read += piece.size()) {
      piece.resize(std::min(kPieceBytes, place.size - read));
      in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      digest.Update(piece);
    }
  }
  return digest.Hex();
}

// Takes tensors out of a file by name; the first thing wrong stays in status().
class TensorReader {
 public:
  TensorReader(const SafetensorsHeader& header, std::istream& in)
      : header_(header), in_(in) {}

  // `length` -1: any.
  template <typename T>
  std::vector<T> Values(const std::string& name, at::ScalarType type,
                        int64_t length) {
    const at::Tensor tensor = Tensor(name);
    if (!tensor.defined()) return {};
    if (tensor.scalar_type() == type && tensor.dim() == 1 &&
        (length < 0 || tensor.size(0) == length)) {
      return ToVector<T>(tensor);
    }
    Fail(absl::StrCat(name, " is ", DtypeOf(tensor), " ",
                      ShapeText(tensor.sizes().vec()), "; expected ",
                      DtypeOf(at::empty({0}, type)), " [",
                      length < 0 ? "any" : absl::StrCat(length), "]"));
    return {};
  }

  at::Tensor Tensor(const std::string& name) {
    const auto found = header_.tensors.find(name);
    if (found == header_.tensors.end()) {
      Fail(absl::StrCat(name, " is missing"));
      return {};
    }
    const TensorPlace& place = found->second;
    for (const Dtype& dtype : kDtypes) {
      if (dtype.name != place.dtype) continue;
      at::Tensor tensor = at::empty(place.shape, dtype.type);
      in_.seekg(static_cast<std::streamoff>(place.begin));
      in_.read(static_cast<char*>(tensor.data_ptr()),
               static_cast<std::streamsize>(place.size));
      if (!in_) Fail(absl::StrCat(name, " cannot be read"));
      return tensor;
    }
    Fail(absl::StrCat(name, " is ", place.dtype,
                      "; expected F32, F64, BF16 or I64"));
    return {};
  }

  const absl::Status& status() const { return status_; }

 private:
  void Fail(absl::string_view what) {
    if (status_.ok()) status_ = Damaged(what);
  }

  const SafetensorsHeader& header_;
  std::istream& in_;
  absl::Status status_;
};

absl::Status CheckFile(const SafetensorsHeader& header, std::istream& in,
                       absl::string_view render) {
  const auto value_of = [&header](absl::string_view key) -> std::string {
    const auto found = header.metadata.find(std::string(key));
    return found == header.metadata.end() ? "" : found->second;
  };
  const std::string version = value_of(kVersionKey);
  if (version.empty()) return Damaged("metadata has no atelier_checkpoint");
  if (version != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint: version ", Quoted(version),
                     " is not known here; expected ", kVersion));
  }
  if (value_of(kDigestKey) != DigestOf(header, in)) {
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

int64_t CheckpointBytes(const engine::Checkpoint& checkpoint) {
  int64_t bytes = 0;
  for (const auto& [name, tensor] : TensorsOf(checkpoint)) {
    bytes += static_cast<int64_t>(tensor.nbytes());
  }
  return bytes;
}

void WriteCheckpoint(const engine::Checkpoint& checkpoint,
                     absl::string_view render, std::ostream& out) {
  const Tensors tensors = TensorsOf(checkpoint);
  Metadata metadata = {{std::string(kVersionKey), std::string(kVersion)},
                       {std::string(kRenderKey), std::string(render)},
                       {std::string(kTermsKey), TermNames()}};
  metadata[std::string(kDigestKey)] = DigestOf(metadata, tensors);
  std::vector<std::pair<std::string, TensorView>> views;
  for (const auto& [name, tensor] : tensors) {
    views.push_back({name, {DtypeOf(tensor), tensor.sizes().vec(), {}}});
  }
  out << MakeSafetensorsHeader(metadata, views);
  for (const auto& [name, tensor] : tensors) {
    WithBytes(tensor, [&](absl::string_view bytes) {
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    });
  }
}

absl::StatusOr<engine::Checkpoint> ReadCheckpoint(std::istream& in,
                                                  absl::string_view render) {
  const absl::StatusOr<SafetensorsHeader> header = ReadSafetensorsHeader(in);
  if (!header.ok()) return Damaged(header.status().message());
  RETURN_IF_ERROR(CheckFile(*header, in, render));

  TensorReader reader(*header, in);
  const std::vector<int64_t> position =
      reader.Values<int64_t>("position", at::kLong, 5);
  const std::vector<int64_t> scale_ends =
      reader.Values<int64_t>("scale_ends", at::kLong, -1);
  const auto terms = header->metadata.find(std::string(kTermsKey));
  const std::vector<std::string> names = absl::StrSplit(
      terms == header->metadata.end() ? kUnnamedTerms
                                      : absl::string_view(terms->second),
      ',', absl::SkipEmpty());
  const std::vector<double> losses = reader.Values<double>(
      "best_losses", at::kDouble, static_cast<int64_t>(names.size()) + 1);
  engine::Checkpoint checkpoint;
  checkpoint.progress.window = reader.Values<double>("window", at::kDouble, -1);
  checkpoint.image = reader.Tensor("image");
  checkpoint.best = reader.Tensor("best");
  for (const auto& [name, place] : header->tensors) {
    absl::string_view part = name;
    if (!absl::ConsumePrefix(&part, kOptimizerPrefix)) continue;
    part.remove_prefix(std::min(part.size(), kNumberLength));
    checkpoint.optimizer.push_back({std::string(part), reader.Tensor(name)});
  }
  RETURN_IF_ERROR(reader.status());
  checkpoint.iteration = static_cast<int>(position[0]);
  checkpoint.progress.restarts = static_cast<int>(position[1]);
  checkpoint.progress.exploded = static_cast<int>(position[2]);
  engine::CurvePoint& best = checkpoint.progress.best;
  best.iteration = static_cast<int>(position[3]);
  best.scale = static_cast<int>(position[4]);
  SetLosses(names, losses, best);
  checkpoint.scale_ends.assign(scale_ends.begin(), scale_ends.end());
  return checkpoint;
}

}  // namespace atelier
