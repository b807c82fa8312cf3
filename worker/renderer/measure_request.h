// What `atelier-worker measure` is asked, as JSON.
#ifndef ATELIER_WORKER_RENDERER_MEASURE_REQUEST_H_
#define ATELIER_WORKER_RENDERER_MEASURE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/measure.h"
#include "common/render/params.h"

namespace atelier {

/// A picture, and what it is compared with; all by paths.
struct PictureToMeasure {
  std::string image;
  std::string content;             ///< Empty: none.
  std::vector<StyleInput> styles;  ///< Their shares sum to 1.
};

struct PicturesToMeasure {
  MeasureChoice by;  ///< Its weights by name or path; empty: the built-in ones.
  std::vector<PictureToMeasure> pictures;  ///< At least one.
};

inline constexpr int kMaxPicturesToMeasure = 10'000;

/// Errors: InvalidArgument (the field, what was given, what is allowed).
absl::StatusOr<PicturesToMeasure> ReadMeasureRequest(absl::string_view json);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_MEASURE_REQUEST_H_
