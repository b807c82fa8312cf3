#include "client/lib/measure_names.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.pb.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/rpc/measure_conversion.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

constexpr char kSecondsPerIteration[] = "seconds_per_iteration";
constexpr char kPeakMemory[] = "peak_memory_bytes";

constexpr MeasureName kMeasures[] = {
    {"psnr", "dB", Better::kHigher,
     "Peak signal-to-noise ratio to the content, of luma"},
    {"ssim", "", Better::kHigher,
     "Structural similarity to the content, of luma"},
    {"content_distance", "", Better::kLower,
     "Relative distance to the content's features at relu4_2"},
    {"style_distance", "", Better::kLower,
     "Wasserstein-2 distance to the style, relative, mean over the layers"},
    {"gram_distance", "", Better::kLower,
     "Relative distance to the style's Gram matrices, mean over the layers"},
    {"mean_wavelength", "px", Better::kNeither,
     "Size of structures: mean wavelength of the luma's power spectrum"},
    {"gram_distance_relu1_1", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu1_1"},
    {"gram_distance_relu2_1", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu2_1"},
    {"gram_distance_relu3_1", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu3_1"},
    {"gram_distance_relu3_3", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu3_3"},
    {"gram_distance_relu4_1", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu4_1"},
    {"gram_distance_relu4_3", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu4_3"},
    {"gram_distance_relu5_1", "", Better::kLower,
     "Relative distance to the style's Gram matrix at relu5_1"},
    {"wasserstein_relu1_1", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu1_1"},
    {"wasserstein_relu2_1", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu2_1"},
    {"wasserstein_relu3_1", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu3_1"},
    {"wasserstein_relu3_3", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu3_3"},
    {"wasserstein_relu4_1", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu4_1"},
    {"wasserstein_relu4_3", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu4_3"},
    {"wasserstein_relu5_1", "", Better::kLower,
     "Wasserstein-2 distance to the style at relu5_1"},
    {kSecondsPerIteration, "s", Better::kLower,
     "Time of one iteration, on average"},
    {kPeakMemory, "bytes", Better::kLower,
     "The most memory that was held while it was rendered"},
};

const MeasureName* FindMeasure(absl::string_view name) {
  const auto found = std::find_if(
      std::begin(kMeasures), std::end(kMeasures),
      [&](const MeasureName& known) { return known.name == name; });
  return found == std::end(kMeasures) ? nullptr : found;
}

}  // namespace

absl::string_view Name(Better better) {
  switch (better) {
    case Better::kHigher:
      return "higher";
    case Better::kLower:
      return "lower";
    case Better::kNeither:
      break;
  }
  return "neither";
}

absl::Span<const MeasureName> KnownMeasures() { return kMeasures; }

absl::Span<const MeasureName> PictureMeasures() {
  constexpr size_t kOfRenders = 2;
  return KnownMeasures().first(std::size(kMeasures) - kOfRenders);
}

Better BetterOf(absl::string_view name) {
  const MeasureName* const known = FindMeasure(name);
  return known == nullptr ? Better::kLower : known->better;
}

absl::Status CheckMeasureName(absl::string_view flag, const std::string& name,
                              absl::Span<const absl::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) {
    return absl::OkStatus();
  }
  const absl::string_view nearest =
      Nearest(name, {allowed.begin(), allowed.end()});
  return InvalidArgument(
      flag, ": ", Quoted(name), " is no measure; ",
      nearest.empty() ? "there"
                      : absl::StrCat("did you mean '", nearest, "'? There"),
      " are ", absl::StrJoin(allowed, ", "));
}

std::string MeasureText(absl::string_view name, double value) {
  const MeasureName* const known = FindMeasure(name);
  const absl::string_view unit = known == nullptr ? "" : known->unit;
  if (unit == "bytes") return absl::StrFormat("%.0f MiB", value / (1 << 20));
  return absl::StrCat(std::abs(value) < 1000 ? absl::StrFormat("%.3g", value)
                                             : absl::StrFormat("%.0f", value),
                      unit.empty() ? "" : " ", unit);
}

std::map<std::string, double> MeasuresOf(const v1::Task& task) {
  std::map<std::string, double> measures;
  if (!task.result().has_measures()) return measures;
  const v1::Measures& found = task.result().measures();
  for (const auto& [name, value] : found.values()) {
    if (std::isfinite(value)) measures[name] = value;
  }
  if (found.has_iteration_time()) {
    const google::protobuf::Duration& time = found.iteration_time();
    measures[kSecondsPerIteration] =
        static_cast<double>(time.seconds()) + time.nanos() * 1e-9;
  }
  if (found.peak_memory_bytes() > 0) {
    measures[kPeakMemory] = static_cast<double>(found.peak_memory_bytes());
  }
  return measures;
}

bool IsMeasuredAs(const v1::MeasureSpec& asked, const v1::Task& task) {
  static const auto& builtin = *new std::string(
      LoadWeights(std::string(kBuiltinNetwork)).value_or(WeightBytes()).digest);
  return task.result().has_measures() &&
         IsMeasuredAsAsked(asked, task.result().measures().by(), builtin);
}

}  // namespace atelier
