#include "worker/agent/result_measures.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include "common/rpc/measure_conversion.h"

namespace atelier {
namespace {

v1::LossCurve::TermCurve& CurveOf(
    const std::string& term, v1::LossCurve& curve,
    std::map<std::string, v1::LossCurve::TermCurve*>& curves) {
  v1::LossCurve::TermCurve*& found = curves[term];
  if (found == nullptr) {
    found = curve.add_terms();
    found->set_term(term);
  }
  return *found;
}

}  // namespace

Image AsEncoded(const Image& image, int bits) {
  const float steps = bits == 16 ? 65535.0F : 255.0F;
  Image encoded = image;
  for (float& value : encoded.rgb) {
    value = std::round(std::clamp(value, 0.0F, 1.0F) * steps) / steps;
  }
  return encoded;
}

v1::Measures ToMeasures(const Measured& measured) {
  v1::Measures measures;
  *measures.mutable_by() = ToProto(measured.by);
  measures.set_version(kMeasureVersion);
  for (const auto& [name, value] : measured.values) {
    (*measures.mutable_values())[name] = value;
  }
  return measures;
}

v1::LossCurve ThinCurve(const std::vector<LossAt>& curve) {
  v1::LossCurve thin;
  if (curve.empty()) return thin;
  std::map<std::string, v1::LossCurve::TermCurve*> curves;
  const auto last = static_cast<int64_t>(curve.size()) - 1;
  const int64_t points = std::min<int64_t>(last + 1, kMaxCurvePoints);
  for (int64_t i = 0; i < points; ++i) {
    const LossAt& at = curve[points == 1 ? 0 : i * last / (points - 1)];
    if (thin.iterations_size() > 0 &&
        at.iteration <= thin.iterations(thin.iterations_size() - 1)) {
      continue;  // The render went back.
    }
    thin.add_iterations(at.iteration);
    thin.add_total(static_cast<float>(at.losses.total));
    for (const auto& [name, term] : curve.front().losses.terms) {
      const auto found = at.losses.terms.find(name);
      CurveOf(name, thin, curves)
          .add_losses(found == at.losses.terms.end()
                          ? NAN
                          : static_cast<float>(found->second));
    }
  }
  return thin;
}

}  // namespace atelier
