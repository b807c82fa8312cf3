// What a report says of a result besides its losses.
#ifndef ATELIER_WORKER_AGENT_RESULT_MEASURES_H_
#define ATELIER_WORKER_AGENT_RESULT_MEASURES_H_

#include <vector>

#include "atelier/v1/jobs.pb.h"
#include "common/image/image.h"
#include "worker/agent/measurer.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// The values that Encode keeps: clamped to [0,1] and rounded to `bits` a
/// channel.
Image AsEncoded(const Image& image, int bits);

v1::Measures ToMeasures(const Measured& measured);

/// At most kMaxCurvePoints of the points, evenly: the first, the last, and of
/// equal distances between them.
v1::LossCurve ThinCurve(const std::vector<LossAt>& curve);

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_RESULT_MEASURES_H_
