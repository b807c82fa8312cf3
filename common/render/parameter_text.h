// Parameters as people write and read them, in flags, specs and columns.
#ifndef ATELIER_COMMON_RENDER_PARAMETER_TEXT_H_
#define ATELIER_COMMON_RENDER_PARAMETER_TEXT_H_

#include <string>
#include <type_traits>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/render/convention.h"
#include "common/render/parameters.h"
#include "common/shortest_text.h"

namespace atelier {

/// "--style-weight".
std::string Flag(const Parameter& parameter);

/// Reads one value; of a list of files, adds one. A file stays a path, where
/// the patch has a digest later. Ranges are ValidatePatch's to check.
/// REQUIRES: the parameter has a flag.
/// Errors: FieldError (what was given, what is allowed).
absl::Status ParseParameter(const Parameter& parameter, absl::string_view text,
                            RenderPatch& into);

/// A number, or the name of a choice.
template <typename T>
std::string ValueText(T value) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(Name(value));
  } else if constexpr (std::is_same_v<T, double>) {
    return ShortestText(value);
  } else {
    return absl::StrCat(value);
  }
}

/// What an input of a render is called.
using InputName = absl::FunctionRef<std::string(
    const Parameter& input, int position, const std::string& digest)>;

/// What a patch gives for a parameter that a resolved render lacks; else empty.
std::string PrintShorthand(const Parameter& parameter,
                           const RenderPatch& patch);

/// What it is where nobody says it, for people: "10", "the convention's". Empty
/// where nothing is.
std::string DefaultText(const Parameter& parameter);

/// The text that ParseParameter takes back, but for files: their names. Empty
/// where a resolved render has no value of it.
std::string PrintParameter(const Parameter& parameter, const Render& render,
                           InputName name);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_PARAMETER_TEXT_H_
