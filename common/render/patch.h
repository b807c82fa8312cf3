// What is done with some of a render's fields, whichever they are.
#ifndef ATELIER_COMMON_RENDER_PATCH_H_
#define ATELIER_COMMON_RENDER_PATCH_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/render/parameters.h"
#include "common/render/params.h"

namespace atelier {

bool IsGiven(const Parameter& parameter, const RenderPatch& patch);

/// `over`'s fields where it has them, else `base`'s.
RenderPatch Merge(RenderPatch base, const RenderPatch& over);

/// `params` with what the patch gives in their place.
RenderParams WithGiven(RenderParams params, const RenderPatch& patch);

/// The styles of lists about styles. Those that no list says something of are
/// as StyleInput is at first.
/// Errors: FieldError for a list that does not have one entry for each style.
absl::StatusOr<std::vector<StyleInput>> StylesOf(const RenderPatch& patch);

/// "from 1 to 8": the numbers that are allowed; empty for what is no number.
std::string AllowedText(const Parameter& parameter,
                        const RenderLimits& limits = {});

/// Checks the fields that are present, without a network.
/// Errors: FieldError (what was given, what is allowed).
absl::Status ValidatePatch(const RenderPatch& patch,
                           const RenderLimits& limits = {});

/// An input: in which field, where in its list (0 for a single one), by which
/// digest or path.
using VisitInput = absl::FunctionRef<void(const Parameter& input, int position,
                                          const std::string& file)>;
using ChangeInput = absl::FunctionRef<void(const Parameter& input, int position,
                                           std::string& file)>;

/// Visits the inputs of a patch, but for masks that are none.
void ForEachInput(const RenderPatch& patch, VisitInput visit);
void ForEachInput(RenderPatch& patch, ChangeInput change);
/// Visits the inputs that a render has.
void ForEachInput(const RenderInputs& inputs, VisitInput visit);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_PATCH_H_
