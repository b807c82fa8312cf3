#include "coordinator/state/job_spec.h"

#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/status_macros.h"
#include "coordinator/state/canonical.h"

namespace atelier {
namespace {

// A text of its own takes room on the heap only from so many bytes on.
int64_t HeapBytes(const std::string& text) {
  constexpr size_t kInline = 15;
  return text.size() > kInline ? static_cast<int64_t>(text.size()) + 17 : 0;
}
int64_t HeapBytes(const LayerWeight& layer) { return HeapBytes(layer.tap); }
template <typename Scalar>
int64_t HeapBytes(Scalar /*value*/) {
  return 0;
}

template <typename T>
int64_t HeapBytes(const std::vector<T>& list) {
  auto bytes = static_cast<int64_t>(list.capacity() * sizeof(T));
  for (const T& one : list) bytes += HeapBytes(one);
  return bytes;
}
template <typename T>
int64_t HeapBytes(const std::optional<T>& value) {
  return value.has_value() ? HeapBytes(*value) : 0;
}

absl::StatusOr<const NetworkDescription*> NetworkOf(const JobSpec& spec,
                                                    const RenderPatch& patch) {
  const std::string digest = patch.weights_digest.value_or("");
  for (const NetworkDescription& network : spec.networks) {
    if (network.weights_digest == digest) return &network;
  }
  if (digest.empty()) {
    return FieldError("weights_digest", "missing");
  }
  return FieldError(
      "weights_digest",
      absl::StrCat(digest, " has no entry in the job's networks"));
}

}  // namespace

int64_t MemoryBytes(const RenderPatch& patch) {
  auto bytes = static_cast<int64_t>(sizeof(patch));
  for (const Parameter& row : AllFields()) {
    bytes += std::visit(
        [&](const auto& member) { return HeapBytes(patch.*member.given); },
        row.member);
  }
  return bytes;
}

int64_t MemoryBytes(const AxisValue& value) {
  return static_cast<int64_t>(sizeof(value.label)) + HeapBytes(value.label) +
         MemoryBytes(value.set);
}

int64_t MemoryBytes(const JobSpec& spec) {
  // Beside the spec, the job's own place in the queue and its indices.
  constexpr int64_t kOverheadBytes = 4096;
  int64_t bytes = kOverheadBytes + MemoryBytes(spec.base);
  for (const Axis& axis : spec.axes) {
    for (const AxisValue& value : axis.values) bytes += MemoryBytes(value);
  }
  if (spec.kept != nullptr) bytes += spec.kept->MemoryBytes();
  constexpr int64_t kNodeBytes = 32;  // Of a map, beside what it holds.
  for (const auto& [digest, size] : spec.picture_sizes) {
    bytes += kNodeBytes + static_cast<int64_t>(sizeof(digest) + sizeof(size)) +
             HeapBytes(digest);
  }
  for (const NetworkDescription& network : spec.networks) {
    bytes += static_cast<int64_t>(sizeof(network)) + HeapBytes(network.name) +
             HeapBytes(network.weights_digest) +
             HeapBytes(network.architecture) + HeapBytes(network.preprocessing);
    for (const std::vector<int>& block : network.blocks) {
      bytes += static_cast<int64_t>(sizeof(block) + block.size() * sizeof(int));
    }
  }
  return bytes;
}

SweepShape ShapeOf(const JobSpec& spec) {
  SweepShape shape{
      spec.mode, {}, spec.sample_count, spec.sample_seed, spec.kept};
  for (const Axis& axis : spec.axes) {
    shape.axis_lengths.push_back(static_cast<int64_t>(axis.values.size()));
  }
  return shape;
}

absl::StatusOr<int64_t> TaskCount(const JobSpec& spec) {
  return SweepSize(ShapeOf(spec));
}

Point PointAt(const JobSpec& spec, int64_t index) {
  const std::vector<int64_t> values = ValuesAt(ShapeOf(spec), index);
  Point point;
  point.patch = spec.base;
  for (size_t i = 0; i < spec.axes.size(); ++i) {
    const AxisValue& value = spec.axes[i].values[values[i]];
    point.labels.push_back(value.label);
    point.patch = Merge(std::move(point.patch), value.set);
  }
  return point;
}

std::vector<const std::string*> NamedInputs(const JobSpec& spec) {
  std::vector<const std::string*> named = NamedInputs(spec.base);
  for (const Axis& axis : spec.axes) {
    for (const AxisValue& value : axis.values) {
      const std::vector<const std::string*> more = NamedInputs(value.set);
      named.insert(named.end(), more.begin(), more.end());
    }
  }
  if (!spec.measure.weights_digest.empty()) {
    named.push_back(&spec.measure.weights_digest);
  }
  return named;
}

std::vector<const std::string*> NamedInputs(const RenderPatch& patch) {
  std::vector<const std::string*> named;
  ForEachInput(patch,
               [&](const Parameter& /*input*/, int /*position*/,
                   const std::string& digest) { named.push_back(&digest); });
  return named;
}

PictureSizes SizesOf(const JobSpec& spec, const RenderInputs& inputs) {
  PictureSizes sizes;
  ForEachInput(inputs, [&](const Parameter& /*input*/, int /*position*/,
                           const std::string& digest) {
    const auto found = spec.picture_sizes.find(digest);
    if (found != spec.picture_sizes.end()) sizes.insert(*found);
  });
  return sizes;
}

absl::StatusOr<TaskRender> MakeTask(const JobSpec& spec, const Point& point,
                                    const RenderLimits& limits) {
  TaskRender task;
  ASSIGN_OR_RETURN(task.network, NetworkOf(spec, point.patch));
  ASSIGN_OR_RETURN(task.render, Resolve(point.patch, *task.network, limits,
                                        spec.picture_sizes));
  task.key = KeyOf(task.render, spec.scope);
  return task;
}

}  // namespace atelier
