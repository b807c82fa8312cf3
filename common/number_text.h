// Numbers as people write them, in specs and flags: decimal, and nothing that
// another reader takes for another number (010 is 8 to YAML 1.1).
//
//   double weight = 0;
//   if (ReadNumber(text, weight)) return weight;
//   return FieldError("weight", NumberCorrection(text, ...));
#ifndef ATELIER_COMMON_NUMBER_TEXT_H_
#define ATELIER_COMMON_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Reads "300", "-0.5", ".5", "1e5", "+3." and the like. Not numbers: zeros
/// before another digit, other bases, separators of thousands, infinities, and
/// what is too large for a double. Spaces around it are passed over.
bool ReadNumber(absl::string_view text, double& value);
/// The same for a whole number in the type's range, exactly; "1e3" and "2.0"
/// are whole.
bool ReadNumber(absl::string_view text, int& value);
bool ReadNumber(absl::string_view text, int64_t& value);
bool ReadNumber(absl::string_view text, uint64_t& value);

enum class NumberKind { kAny, kWhole };

/// Of a text that ReadNumber did not take: "'010' is not a number; write 10",
/// "'2.5' is not a whole number; write 3". Empty where no number is near that
/// `is_allowed`.
std::string NumberCorrection(
    absl::string_view text, NumberKind kind,
    absl::FunctionRef<bool(absl::string_view)> is_allowed);

}  // namespace atelier

#endif  // ATELIER_COMMON_NUMBER_TEXT_H_
