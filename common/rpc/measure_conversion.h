// Between the wire's measures and common/render's choice of them.
#ifndef ATELIER_COMMON_RPC_MEASURE_CONVERSION_H_
#define ATELIER_COMMON_RPC_MEASURE_CONVERSION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "common/render/measure.h"

namespace atelier {

/// Most points of a curve, values of a result and terms of a curve.
inline constexpr int kMaxCurvePoints = 64;
inline constexpr int kMaxMeasures = 64;
inline constexpr int kMaxCurveTerms = 32;

/// Errors: FieldError below "measure": a size outside kMinMeasureSizePx to
///         kMaxMeasureSizePx, an unknown pooling or preprocessing, a digest
///         that is none.
absl::StatusOr<MeasureChoice> FromProto(const v1::MeasureSpec& spec);
/// What is at its default but for the size is absent.
v1::MeasureSpec ToProto(const MeasureChoice& choice);

/// Whether measures that were made by `by` are what `asked` asks for.
/// `builtin_digest` is what an absent weight file stands for.
bool IsMeasuredAsAsked(const v1::MeasureSpec& asked, const v1::MeasureSpec& by,
                       const std::string& builtin_digest);

/// What a worker may say.
/// Errors: InvalidArgument below "measures" (too many, a name or number that is
///         not allowed, lists of different lengths).
absl::Status CheckMeasures(const v1::Measures& measures);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_MEASURE_CONVERSION_H_
