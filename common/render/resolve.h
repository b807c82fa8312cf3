// From what a person wrote to a render with nothing left to guess.
#ifndef ATELIER_COMMON_RENDER_RESOLVE_H_
#define ATELIER_COMMON_RENDER_RESOLVE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/network.h"
#include "common/render/params.h"

namespace atelier {

/// What people write for a style without a mask, in lists of masks.
inline constexpr absl::string_view kNoMask = "none";

/// Bounds on what comes from outside. Flags of the coordinator set them.
struct RenderLimits {
  int max_size_px = 16384;
  int max_iterations = 1'000'000;
  int max_layers = 64;
  int max_styles = 8;
};

/// Checks the fields that are present, without a network.
/// Errors: InvalidArgument (names the field, what was given, what is allowed).
absl::Status ValidatePatch(const RenderPatch& patch,
                           const RenderLimits& limits = {});

/// Fills what is missing: layers and weights from the convention, pooling from
/// the network, the learning rate from the optimizer. Blend weights are made to
/// sum to 1. A term whose weight is 0 keeps no layers, a style whose blend is 0
/// is left out, and a picture that no term needs keeps no digest, so that
/// renders that are equal are equal field by field.
/// Errors: InvalidArgument as ValidatePatch, for a tap the network lacks, for a
///         missing input, for lists that do not have one entry for each style
///         and for a render whose every term is off.
absl::StatusOr<Render> Resolve(const RenderPatch& patch,
                               const NetworkDescription& network,
                               const RenderLimits& limits = {});

/// The styles of lists about styles, whatever their texts name pictures by:
/// blend weights are made to sum to 1, and styles whose blend is 0 left out.
/// Errors: InvalidArgument for a missing style, for lists that do not have one
///         entry for each, and where every blend is 0.
absl::StatusOr<std::vector<StyleInput>> ResolveStyles(const RenderPatch& patch);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_RESOLVE_H_
