#include "client/cli/best_task.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/measure_names.h"
#include "client/lib/task_grid.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/render/losses.h"
#include "common/render/parameters.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kTotalLoss = "total_loss";
constexpr absl::string_view kTerms[] = {"content", "style", "total_variation"};

// Parameters that change how a loss is minimised, and not the loss.
constexpr absl::string_view kSameLoss[] = {
    "bits",      "init",   "iterations",     "lbfgs_history", "learning_rate",
    "optimizer", "preset", "least_progress", "scales",        "seed"};

bool LeavesTheLoss(const v1::RenderSpec& set) {
  for (const Parameter& parameter : AllParameters()) {
    if (CountGiven(set, parameter) == 0) continue;
    if (std::find(std::begin(kSameLoss), std::end(kSameLoss), parameter.name) ==
        std::end(kSameLoss)) {
      return false;
    }
  }
  return true;
}

// Measures that were made in another way than the job asks, as of a result that
// was there, are no measures to compare with.
std::optional<double> ValueOf(const v1::JobSpec& spec, const v1::Task& task,
                              const std::string& by) {
  if (task.state() != v1::TASK_STATE_SUCCEEDED || !task.has_result()) {
    return std::nullopt;
  }
  const Losses losses = FromProto(task.result().losses());
  std::map<std::string, double> values;
  if (IsMeasuredAs(spec.measure(), task)) values = MeasuresOf(task);
  values.emplace(kTotalLoss, losses.total);
  for (const auto& [term, value] : losses.terms) {
    values.emplace(LossColumn(term), value);
  }
  const auto found = values.find(by);
  if (found == values.end() || !std::isfinite(found->second)) {
    return std::nullopt;
  }
  return found->second;
}

}  // namespace

std::vector<std::string> BestByNames() {
  std::vector<std::string> names = {std::string(kTotalLoss)};
  for (absl::string_view term : kTerms) names.push_back(LossColumn(term));
  for (const MeasureName& known : KnownMeasures()) {
    if (known.better != Better::kNeither) names.emplace_back(known.name);
  }
  return names;
}

absl::Status CheckBestBy(const std::string& name) {
  const std::vector<std::string> names = BestByNames();
  if (name.empty() ||
      std::find(names.begin(), names.end(), name) != names.end()) {
    return absl::OkStatus();
  }
  if (BetterOf(name) == Better::kNeither) {
    return InvalidArgument("--by: ", Quoted(name),
                           " has no best value, as neither more nor less of it "
                           "is better; there are ",
                           absl::StrJoin(names, ", "));
  }
  return InvalidArgument("--by: ", Quoted(name), " is no measure",
                         Suggest(name, std::vector<absl::string_view>(
                                           names.begin(), names.end())));
}

std::string UsualBestBy(const v1::JobSpec& spec) {
  for (const v1::Axis& axis : spec.axes()) {
    for (const v1::AxisValue& value : axis.values()) {
      if (!LeavesTheLoss(value.set())) return "ssim";
    }
  }
  return std::string(kTotalLoss);
}

BestTask::BestTask(const v1::JobSpec& spec, const std::string& by, size_t tasks)
    : spec_(spec), by_(by.empty() ? UsualBestBy(spec) : by), tasks_(tasks) {}

void BestTask::Take(const v1::Task& task) {
  if (task.index() < 0 || static_cast<size_t>(task.index()) >= tasks_.size()) {
    return;
  }
  Entry& entry = tasks_[task.index()];
  entry.value = ValueOf(spec_, task, by_);
  std::vector<std::string> labels(task.labels().begin(), task.labels().end());
  labels.resize(spec_.axes_size());
  entry.label = LabelsText(spec_, labels);
}

void BestTask::Clear() { tasks_.assign(tasks_.size(), Entry()); }

std::optional<size_t> BestTask::index() const {
  std::optional<size_t> best;
  const bool wants_high = HigherIsBetter(by_);
  for (size_t i = 0; i < tasks_.size(); ++i) {
    const std::optional<double>& value = tasks_[i].value;
    if (!value.has_value()) continue;
    const bool is_better =
        !best.has_value() || (wants_high ? *value > *tasks_[*best].value
                                         : *value < *tasks_[*best].value);
    if (is_better) best = i;
  }
  return best;
}

std::string BestTask::Text() const {
  const std::optional<size_t> best = index();
  if (!best.has_value()) return "";
  const Entry& entry = tasks_[*best];
  const std::string task = absl::StrCat("task ", *best);
  return absl::StrCat(
      "best ", by_, " ", MeasureText(by_, *entry.value), ": ",
      entry.label.empty() ? task : absl::StrCat(entry.label, " (", task, ")"));
}

}  // namespace atelier
