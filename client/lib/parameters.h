// The parameters of a render as people write and read them: one table for
// flags, spec files, axes and columns of results.
//
//   RenderDraft draft;
//   RETURN_IF_ERROR(ParseParameter(*FindParameter("style_weight"), "3.5e3",
//                                  draft));
#ifndef ATELIER_CLIENT_LIB_PARAMETERS_H_
#define ATELIER_CLIENT_LIB_PARAMETERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/lib/input_names.h"
#include "common/render/params.h"

namespace atelier {

/// Some of a render's parameters as a person wrote them: files are still
/// paths, and weights still a name or a path.
struct RenderDraft {
  RenderPatch patch;  ///< Without digests.
  std::optional<std::string> content;
  std::optional<std::vector<std::string>> styles;
  /// One for each style; an empty text is none.
  std::optional<std::vector<std::string>> style_masks;
  std::optional<std::vector<std::string>> style_regions;
  std::optional<std::string> init;  ///< Set with Initialisation::kImage only.
  std::optional<std::string> weights;
};

/// `over`'s parameters where it has them, else `base`'s.
RenderDraft Merge(RenderDraft base, const RenderDraft& over);

/// What a parameter makes of several values.
enum class Takes {
  kOne,     ///< Of a flag given twice the last counts.
  kJoined,  ///< As kOne; a list in a spec is one text, joined by commas.
  kEach,    ///< Each flag, and each entry of a list, adds one.
};

struct Parameter {
  absl::string_view name;        ///< In spec files and columns: "style_weight".
  absl::string_view value_name;  ///< In help: "N", "FILE".
  absl::string_view help;
  Takes takes = Takes::kOne;

  /// With Takes::kEach, adds to what `into` has. Errors: InvalidArgument (names
  /// the parameter, what was given, what is
  ///         allowed). Ranges are ValidatePatch's to check.
  absl::Status (*parse)(const Parameter& self, absl::string_view text,
                        RenderDraft& into);
  bool (*given)(const RenderDraft& draft);
  /// The text that `parse` takes back, but for files: their names. See
  /// InputNames, which is at the render's task.
  std::string (*print)(const Render& render, const InputNames& names);
};

/// Every parameter, in the order of columns and help.
absl::Span<const Parameter> AllParameters();

/// Null for an unknown name.
const Parameter* FindParameter(absl::string_view name);

/// "--style-weight".
std::string Flag(const Parameter& parameter);

/// As Parameter::parse.
absl::Status ParseParameter(const Parameter& parameter, absl::string_view text,
                            RenderDraft& into);

/// Takes paths that are relative as relative to `folder`. Names of networks
/// that come with Atelier stay names.
void ResolvePaths(const std::string& folder, RenderDraft& draft);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_PARAMETERS_H_
