#include "client/lib/measure_names.h"

#include <algorithm>
#include <cmath>

#include "atelier/v1/jobs.pb.h"

namespace atelier {
namespace {

constexpr char kSecondsPerIteration[] = "seconds_per_iteration";
constexpr char kPeakMemory[] = "peak_memory_bytes";

constexpr MeasureName kMeasures[] = {
    {"psnr", "dB", true, "Peak signal-to-noise ratio to the content, of luma"},
    {"ssim", "", true, "Structural similarity to the content, of luma"},
    {"content_distance", "", false,
     "Relative distance to the content's features at relu4_2"},
    {"style_distance", "", false,
     "Wasserstein-2 distance to the style, relative, mean over the layers"},
    {"gram_distance", "", false,
     "Relative distance to the style's Gram matrices, mean over the layers"},
    {"gram_distance_relu1_1", "", false,
     "Relative distance to the style's Gram matrix at relu1_1"},
    {"gram_distance_relu2_1", "", false,
     "Relative distance to the style's Gram matrix at relu2_1"},
    {"gram_distance_relu3_1", "", false,
     "Relative distance to the style's Gram matrix at relu3_1"},
    {"gram_distance_relu3_3", "", false,
     "Relative distance to the style's Gram matrix at relu3_3"},
    {"gram_distance_relu4_1", "", false,
     "Relative distance to the style's Gram matrix at relu4_1"},
    {"gram_distance_relu4_3", "", false,
     "Relative distance to the style's Gram matrix at relu4_3"},
    {"gram_distance_relu5_1", "", false,
     "Relative distance to the style's Gram matrix at relu5_1"},
    {"wasserstein_relu1_1", "", false,
     "Wasserstein-2 distance to the style at relu1_1"},
    {"wasserstein_relu2_1", "", false,
     "Wasserstein-2 distance to the style at relu2_1"},
    {"wasserstein_relu3_1", "", false,
     "Wasserstein-2 distance to the style at relu3_1"},
    {"wasserstein_relu3_3", "", false,
     "Wasserstein-2 distance to the style at relu3_3"},
    {"wasserstein_relu4_1", "", false,
     "Wasserstein-2 distance to the style at relu4_1"},
    {"wasserstein_relu4_3", "", false,
     "Wasserstein-2 distance to the style at relu4_3"},
    {"wasserstein_relu5_1", "", false,
     "Wasserstein-2 distance to the style at relu5_1"},
    {kSecondsPerIteration, "s", false, "Time of one iteration, on average"},
    {kPeakMemory, "bytes", false,
     "The most memory that was held while it was rendered"},
};

}  // namespace

absl::Span<const MeasureName> KnownMeasures() { return kMeasures; }

bool HigherIsBetter(absl::string_view name) {
  return std::any_of(std::begin(kMeasures), std::end(kMeasures),
                     [&](const MeasureName& known) {
                       return known.name == name && known.higher_is_better;
                     });
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
  if (!task.result().has_measures()) return false;
  const v1::MeasureSpec& by = task.result().measures().by();
  return (!asked.has_weights_digest() ||
          asked.weights_digest() == by.weights_digest()) &&
         (!asked.has_size_px() || asked.size_px() == by.size_px()) &&
         (!asked.has_pooling() || asked.pooling() == by.pooling()) &&
         (!asked.has_preprocessing() ||
          asked.preprocessing() == by.preprocessing());
}

}  // namespace atelier
