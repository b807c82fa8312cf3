// The seam between the agent and whatever measures its results. Free of Torch,
// as renderer.h.
#ifndef ATELIER_WORKER_AGENT_MEASURER_H_
#define ATELIER_WORKER_AGENT_MEASURER_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "common/render/measure.h"
#include "common/weights/weight_file.h"

namespace atelier {

/// A picture that results are compared with. Equal keys mean equal pixels.
struct MeasureInput {
  std::string key;
  Image picture;
  double share = 1;  ///< Of the styles; they sum to 1.
};

struct MeasureRequest {
  /// REQUIRES: `by.weights_digest` is set.
  MeasureChoice by;
  /// Reads the weight file; asked only for a network that is not kept.
  std::function<absl::StatusOr<WeightFile>()> weights;
  Image image;  ///< As it was encoded: clamped and rounded.
  /// Of the image's size. An empty picture: none to compare with.
  MeasureInput content;
  std::vector<MeasureInput> styles;  ///< May be none.
};

struct Measured {
  MeasureChoice by;  ///< Every field set.
  /// By name, all finite. What there is nothing to compare with for, what the
  /// network has no tap for, or pictures are too small for, is not there.
  std::map<std::string, double> values;
};

class Measurer {
 public:
  virtual ~Measurer() = default;
  /// Thread-safe; may block while another caller's picture is measured.
  /// Errors: InvalidArgument (sizes that differ, a weight file that can't be
  ///         used), ResourceExhausted (memory; both figures), those of
  ///         `weights`, Internal.
  virtual absl::StatusOr<Measured> Measure(const MeasureRequest& request) = 0;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_MEASURER_H_
