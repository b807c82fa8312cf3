#include "client/lib/extend.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "client/lib/draft_of_job.h"
#include "client/lib/input_reader.h"
#include "client/lib/job_check.h"
#include "client/lib/points.h"
#include "client/lib/present_value.h"
#include "common/quoted_text.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/sweep/sweep.h"

namespace atelier {
namespace {

// Of values in one message.
constexpr size_t kMostNamed = 20;

template <typename... Parts>
absl::Status FlagError(const Parameter& parameter, const Parts&... message) {
  return InvalidArgument(Flag(parameter), ": ", message...);
}

// Equal for settings of the parameter that are equal.
std::string SettingOf(const Parameter& parameter, const RenderPatch& patch) {
  return ToProto(PartOf(parameter, patch)).SerializeAsString();
}

bool SetsOthersThan(const Parameter& parameter, const RenderPatch& patch) {
  const absl::Span<const Parameter> rows = AllFields();
  return std::any_of(rows.begin(), rows.end(), [&](const Parameter& row) {
    return row.name != parameter.name && IsGiven(row, patch);
  });
}

std::string Listed(const std::vector<std::string>& values) {
  if (values.size() <= kMostNamed) return absl::StrJoin(values, ", ");
  return absl::StrCat(
      absl::StrJoin(values.begin(), values.begin() + kMostNamed, ", "), " and ",
      values.size() - kMostNamed, " more");
}

// The values of one axis by label and by what they set.
class KnownValues {
 public:
  KnownValues(const Parameter& parameter, const AxisDraft& axis)
      : parameter_(parameter) {
    for (const AxisValueDraft& value : axis.values) Add(value);
  }

  void Add(const AxisValueDraft& value) {
    const std::string setting = SettingOf(parameter_, value.set.patch);
    by_label_.emplace(value.label, setting);
    by_setting_.emplace(setting, value.label);
  }

  /// What a value that is there is called, for people; empty for a new one.
  /// Errors: InvalidArgument for the label of another value.
  absl::StatusOr<std::string> Find(const AxisValueDraft& value) const {
    const std::string setting = SettingOf(parameter_, value.set.patch);
    const auto labelled = by_label_.find(value.label);
    if (labelled != by_label_.end()) {
      if (labelled->second == setting) return Quoted(value.label);
      return FlagError(parameter_, Quoted(value.label),
                       " is the label of another value of the job; give this "
                       "one a label of its own: '{LABEL: VALUE}'");
    }
    const auto same = by_setting_.find(setting);
    if (same == by_setting_.end()) return std::string();
    return absl::StrCat(Quoted(value.label), " (as ", Quoted(same->second),
                        ")");
  }

 private:
  const Parameter& parameter_;
  std::map<std::string, std::string> by_label_;
  std::map<std::string, std::string> by_setting_;
};

class Extension {
 public:
  Extension(const v1::JobSpec& job, InputFiles& files,
            const ExtendLimits& limits)
      : limits_(limits), spec_(job), inputs_(limits.prepare, files) {}

  absl::StatusOr<PreparedJob> Extend(const std::vector<AxisDraft>& values) {
    RETURN_IF_ERROR(TakeJob());
    for (const AxisDraft& axis : values) RETURN_IF_ERROR(AddValues(axis));
    RETURN_IF_ERROR(CheckGrown());
    std::set<std::string> warnings = inputs_.warnings();
    RETURN_IF_ERROR(CheckJob(draft_, inputs_.images(), inputs_.networks(),
                             limits_.prepare, warnings));
    PreparedJob prepared;
    DescribeNewInputs();
    spec_.set_no_cache(false);
    prepared.spec = std::move(spec_);
    for (const auto& [digest, input] : inputs_.inputs()) {
      prepared.inputs.push_back(input);
    }
    prepared.warnings = std::move(skipped_);
    prepared.warnings.insert(prepared.warnings.end(), warnings.begin(),
                             warnings.end());
    return prepared;
  }

 private:
  absl::Status TakeJob() {
    ASSIGN_OR_RETURN(draft_, DraftOfJob(spec_));
    if (draft_.sweep == Sweep::kRandom) {
      return InvalidArgument(
          "mode: the job is a random sample, and one of more values would have "
          "other tasks; submit a new job");
    }
    is_zipped_ = draft_.sweep == Sweep::kZip && draft_.axes.size() > 1;
    for (const v1::ImageDescription& image : spec_.images()) {
      if (image.width_px() < 1 || image.height_px() < 1) {
        return InvalidArgument("images: the job describes a picture of ",
                               image.width_px(), " x ", image.height_px(),
                               " px");
      }
      inputs_.AddKnown(image);
    }
    for (const v1::NetworkDescription& network : spec_.networks()) {
      ASSIGN_OR_RETURN(const NetworkDescription known, FromProto(network));
      inputs_.AddKnown(known, network.weights_digest());
    }
    for (const AxisDraft& axis : draft_.axes) {
      old_lengths_.push_back(axis.values.size());
    }
    return absl::OkStatus();
  }

  // The axis that the parameter's values belong to; the end where there is
  // none.
  absl::StatusOr<size_t> FindAxis(const Parameter& parameter) const {
    size_t found = draft_.axes.size();
    for (size_t i = 0; i < draft_.axes.size(); ++i) {
      const AxisDraft& axis = draft_.axes[i];
      const auto says = [&](const AxisValueDraft& value) {
        return SaysOf(parameter, value.set.patch);
      };
      const auto says_it_alone = [&](const AxisValueDraft& value) {
        return says(value) && !SetsOthersThan(parameter, value.set.patch);
      };
      if (std::none_of(axis.values.begin(), axis.values.end(), says)) {
        if (axis.name != parameter.name) continue;
        return FlagError(parameter, "the axis ", Quoted(axis.name),
                         " of the job sets other parameters");
      }
      if (!std::all_of(axis.values.begin(), axis.values.end(), says_it_alone)) {
        return FlagError(parameter, "the axis ", Quoted(axis.name),
                         " of the job sets several parameters at once, and "
                         "one of them alone cannot be added to");
      }
      if (found < draft_.axes.size()) {
        return FlagError(parameter, "both ", Quoted(draft_.axes[found].name),
                         " and ", Quoted(axis.name), " set it");
      }
      found = i;
    }
    return found;
  }

  absl::Status AddAxis(const Parameter& parameter) {
    if (is_zipped_) {
      return FlagError(parameter,
                       "is no axis of the job, and zipped axes take no other; "
                       "its axes: ",
                       absl::StrJoin(NamesOfAxes(), ", "));
    }
    ASSIGN_OR_RETURN(v1::AxisValue value,
                     PresentValue(parameter, spec_, draft_, inputs_.images(),
                                  inputs_.networks(), limits_.prepare.renders));
    ASSIGN_OR_RETURN(RenderPatch set, FromProto(value.set()));
    AxisDraft& axis = draft_.axes.emplace_back();
    axis.name = std::string(parameter.name);
    axis.values.push_back({value.label(), {std::move(set)}});
    v1::Axis& out = *spec_.add_axes();
    out.set_name(axis.name);
    *out.add_values() = std::move(value);
    // A rule says nothing of it.
    for (LeaveOut& rule : draft_.exclude) rule.push_back(kAnyValue);
    return absl::OkStatus();
  }

  absl::Status AddValues(const AxisDraft& given) {
    const Parameter& parameter = *FindParameter(given.name);
    ASSIGN_OR_RETURN(const size_t place, FindAxis(parameter));
    const bool is_new_axis = place == draft_.axes.size();
    if (is_new_axis) RETURN_IF_ERROR(AddAxis(parameter));
    AxisDraft& axis = draft_.axes[place];
    KnownValues known(parameter, axis);
    const size_t before = axis.values.size();
    std::vector<std::string> there;
    for (AxisValueDraft value : given.values) {
      ASSIGN_OR_RETURN(v1::AxisValue out, inputs_.ReplaceFiles(value));
      ASSIGN_OR_RETURN(std::string name, known.Find(value));
      if (!name.empty()) {
        there.push_back(std::move(name));
        continue;
      }
      known.Add(value);
      *spec_.mutable_axes(static_cast<int>(place))->add_values() =
          std::move(out);
      axis.values.push_back(std::move(value));
    }
    has_grown_ = has_grown_ || axis.values.size() > before;
    if (is_new_axis && axis.values.size() == before) RemoveLastAxis();
    if (there.empty()) return absl::OkStatus();
    const std::string line =
        absl::StrCat(Flag(parameter), ": the job has ", Listed(there));
    if (is_zipped_) {
      return InvalidArgument(line, "; zipped axes take new values only");
    }
    skipped_.push_back(line);
    return absl::OkStatus();
  }

  void RemoveLastAxis() {
    draft_.axes.pop_back();
    spec_.mutable_axes()->RemoveLast();
    for (LeaveOut& rule : draft_.exclude) rule.pop_back();
  }

  absl::Status CheckGrown() const {
    if (!has_grown_) {
      return InvalidArgument(absl::StrJoin(skipped_, "; "),
                             "; give a value that is new");
    }
    const int max_axes = limits_.spec.max_axes;
    if (static_cast<int64_t>(draft_.axes.size()) > max_axes) {
      return InvalidArgument("axes: ", draft_.axes.size(),
                             " with those that are new; at most ", max_axes);
    }
    int64_t count = 0;
    for (const AxisDraft& axis : draft_.axes) {
      count += static_cast<int64_t>(axis.values.size());
    }
    if (count > limits_.spec.max_axis_values) {
      return InvalidArgument("axes: ", count,
                             " values with those that are new; at most ",
                             limits_.spec.max_axis_values);
    }
    RETURN_IF_ERROR(CheckZip());
    return SweepSize(ShapeOf(draft_)).status();
  }

  absl::Status CheckZip() const {
    if (!is_zipped_) return absl::OkStatus();
    std::vector<std::string> grown;
    bool is_even = true;
    for (size_t i = 0; i < draft_.axes.size(); ++i) {
      const size_t added = draft_.axes[i].values.size() - old_lengths_[i];
      const size_t added_first = draft_.axes[0].values.size() - old_lengths_[0];
      is_even = is_even && added == added_first;
      grown.push_back(absl::StrCat(draft_.axes[i].name, " ", added));
    }
    if (is_even) return absl::OkStatus();
    return InvalidArgument(
        "the job's axes are zipped and need as many new values each; given: ",
        absl::StrJoin(grown, ", "));
  }

  void DescribeNewInputs() {
    std::set<std::string> known;
    for (const auto& image : spec_.images()) known.insert(image.digest());
    for (const auto& network : spec_.networks()) {
      known.insert(network.weights_digest());
    }
    for (const auto& [digest, image] : inputs_.images()) {
      if (known.count(digest) == 0) *spec_.add_images() = image;
    }
    for (const auto& [digest, network] : inputs_.networks()) {
      if (known.count(digest) == 0) *spec_.add_networks() = ToProto(network);
    }
  }

  std::vector<std::string> NamesOfAxes() const {
    std::vector<std::string> names;
    for (const AxisDraft& axis : draft_.axes) names.push_back(axis.name);
    return names;
  }

  const ExtendLimits& limits_;
  v1::JobSpec spec_;  // As it goes to the coordinator.
  JobDraft draft_;    // The same, its inputs by digest.
  InputReader inputs_;
  bool is_zipped_ = false;
  std::vector<size_t> old_lengths_;  // Of the job's axes.
  bool has_grown_ = false;
  std::vector<std::string> skipped_;  // A line for each flag.
};

}  // namespace

absl::StatusOr<PreparedJob> ExtendJob(const v1::JobSpec& job,
                                      const std::vector<AxisDraft>& values,
                                      InputFiles& files,
                                      const ExtendLimits& limits) {
  return Extension(job, files, limits).Extend(values);
}

}  // namespace atelier
