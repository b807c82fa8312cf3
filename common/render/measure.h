// By what results are measured, whatever they were optimized for. The measures
// themselves are in docs/measures.md and worker/engine/measures.h.
#ifndef ATELIER_COMMON_RENDER_MEASURE_H_
#define ATELIER_COMMON_RENDER_MEASURE_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/render/params.h"

namespace atelier {

/// Which definitions of docs/measures.md this build has.
inline constexpr int kMeasureVersion = 1;

/// Where features are compared with a style's: the first layer of each block,
/// and two between them that no convention optimizes.
inline constexpr std::array<absl::string_view, 7> kMeasuredStyleTaps = {
    "relu1_1", "relu2_1", "relu3_1", "relu3_3",
    "relu4_1", "relu4_3", "relu5_1"};
/// Where they are compared with the content's.
inline constexpr absl::string_view kMeasuredContentTap = "relu4_2";

inline constexpr int kMinMeasureSizePx = 32;
inline constexpr int kMaxMeasureSizePx = 1024;

/// What a job asks for; what it leaves open is the default.
struct MeasureChoice {
  std::string weights_digest;  ///< Empty: the built-in network.
  /// Longer side to which all pictures are resized.
  int size_px = 256;
  std::optional<Pooling> pooling;  ///< The weight file's.
  /// A Preprocessing's name. Empty: the weight file's or, where that does not
  /// say, kDefaultPreprocessing.
  std::string preprocessing;

  friend bool operator==(const MeasureChoice& a, const MeasureChoice& b) {
    return a.weights_digest == b.weights_digest && a.size_px == b.size_px &&
           a.pooling == b.pooling && a.preprocessing == b.preprocessing;
  }
};

/// What networks may be fed: the names of the conventions' preprocessing.
std::vector<absl::string_view> PreprocessingNames();

/// Sets "pooling" or "preprocessing" by name.
/// Errors: FieldError below "measure" (the name, and those there are).
absl::Status ChooseMeasure(absl::string_view field, absl::string_view name,
                           MeasureChoice& measure);

inline constexpr absl::string_view kDefaultPreprocessing = "imagenet-unit-rgb";

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_MEASURE_H_
