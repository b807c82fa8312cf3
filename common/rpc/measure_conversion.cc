#include "common/rpc/measure_conversion.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kMaxNameLength = 64;

absl::Status CheckMeasuresName(absl::string_view field,
                               absl::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!name.empty() && name.size() <= kMaxNameLength &&
      std::all_of(name.begin(), name.end(), is_allowed)) {
    return absl::OkStatus();
  }
  return FieldError(field, absl::StrCat(Quoted(name), " is not allowed; 1 to ",
                                        kMaxNameLength, " of [a-z0-9_]"));
}

absl::Status CheckMost(absl::string_view field, int given, int most) {
  if (given <= most) return absl::OkStatus();
  return FieldError(field, absl::StrCat(given, " given; at most ", most));
}

absl::Status CheckCurve(const v1::LossCurve& curve) {
  const int points = curve.iterations_size();
  RETURN_IF_ERROR(
      CheckMost("measures.curve.iterations", points, kMaxCurvePoints));
  int last = 0;
  for (const int iteration : curve.iterations()) {
    if (iteration <= last) {
      return FieldError(
          "measures.curve.iterations",
          absl::StrCat(iteration, " follows ", last, "; rising, from 1"));
    }
    last = iteration;
  }
  const auto check_length = [points](absl::string_view field, int length) {
    if (length == points) return absl::OkStatus();
    return FieldError(field, absl::StrCat(length, " losses at ", points,
                                          " iterations; as many"));
  };
  RETURN_IF_ERROR(check_length("measures.curve.total", curve.total_size()));
  RETURN_IF_ERROR(
      CheckMost("measures.curve.terms", curve.terms_size(), kMaxCurveTerms));
  for (const v1::LossCurve::TermCurve& term : curve.terms()) {
    RETURN_IF_ERROR(
        CheckMeasuresName("measures.curve.terms.term", term.term()));
    RETURN_IF_ERROR(
        check_length("measures.curve.terms.losses", term.losses_size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MeasureChoice> FromProto(const v1::MeasureSpec& spec) {
  MeasureChoice choice;
  if (spec.has_weights_digest()) {
    if (!IsHexDigest(spec.weights_digest())) {
      return FieldError("measure.weights_digest",
                        absl::StrCat(Quoted(spec.weights_digest()),
                                     " is not allowed; a SHA-256 as 64 "
                                     "lower-case hex digits"));
    }
    choice.weights_digest = spec.weights_digest();
  }
  if (spec.has_size_px()) {
    if (spec.size_px() < kMinMeasureSizePx ||
        spec.size_px() > kMaxMeasureSizePx) {
      return FieldError(
          "measure.size_px",
          absl::StrCat(spec.size_px(), " is not allowed; ", kMinMeasureSizePx,
                       " to ", kMaxMeasureSizePx));
    }
    choice.size_px = spec.size_px();
  }
  if (spec.has_pooling()) {
    const int count = static_cast<int>(Names(Pooling()).size());
    if (spec.pooling() < 1 || spec.pooling() > count) {
      return FieldError("measure.pooling",
                        absl::StrCat("value ", static_cast<int>(spec.pooling()),
                                     " is unknown; allowed: 1 to ", count));
    }
    choice.pooling = static_cast<Pooling>(spec.pooling() - 1);
  }
  if (spec.has_preprocessing()) {
    RETURN_IF_ERROR(
        ChooseMeasure("preprocessing", spec.preprocessing(), choice));
  }
  return choice;
}

v1::MeasureSpec ToProto(const MeasureChoice& choice) {
  v1::MeasureSpec spec;
  if (!choice.weights_digest.empty()) {
    spec.set_weights_digest(choice.weights_digest);
  }
  spec.set_size_px(choice.size_px);
  if (choice.pooling.has_value()) {
    spec.set_pooling(
        static_cast<v1::Pooling>(static_cast<int>(*choice.pooling) + 1));
  }
  if (!choice.preprocessing.empty()) {
    spec.set_preprocessing(choice.preprocessing);
  }
  return spec;
}

bool IsMeasuredAsAsked(const v1::MeasureSpec& asked, const v1::MeasureSpec& by,
                       const std::string& builtin_digest) {
  const int size_px =
      asked.has_size_px() ? asked.size_px() : MeasureChoice().size_px;
  const std::string& weights =
      asked.has_weights_digest() ? asked.weights_digest() : builtin_digest;
  return by.size_px() == size_px && by.weights_digest() == weights &&
         (!asked.has_pooling() || by.pooling() == asked.pooling()) &&
         (!asked.has_preprocessing() ||
          by.preprocessing() == asked.preprocessing());
}

absl::Status CheckMeasures(const v1::Measures& measures) {
  RETURN_IF_ERROR(FromProto(measures.by()).status());
  if (measures.version() < 1) {
    return FieldError(
        "measures.version",
        absl::StrCat(measures.version(), " is not allowed; at least 1"));
  }
  RETURN_IF_ERROR(
      CheckMost("measures.values", measures.values_size(), kMaxMeasures));
  for (const auto& [name, value] : measures.values()) {
    RETURN_IF_ERROR(CheckMeasuresName("measures.values", name));
    if (!std::isfinite(value)) {
      return FieldError("measures.values",
                        absl::StrCat(name, " is ", value, "; finite"));
    }
  }
  if (measures.peak_memory_bytes() < 0) {
    return FieldError("measures.peak_memory_bytes",
                      absl::StrCat(measures.peak_memory_bytes(),
                                   " is not allowed; at least 0"));
  }
  return CheckCurve(measures.curve());
}

}  // namespace atelier
