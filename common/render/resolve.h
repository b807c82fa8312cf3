// From what a person wrote to a render with nothing left to guess.
#ifndef ATELIER_COMMON_RENDER_RESOLVE_H_
#define ATELIER_COMMON_RENDER_RESOLVE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/network.h"
#include "common/render/params.h"
#include "common/render/patch.h"

namespace atelier {

/// Width and height in pixels, by digest.
using PictureSizes = std::map<std::string, std::pair<int, int>>;

/// Fills what is missing: layers and weights from the convention, iterations
/// and scales from the preset, pooling from the network, the learning rate from
/// the optimizer. Scales that are left to the picture go by `sizes`; where they
/// lack one of its pictures there is one. A preset's iterations are no more
/// than the limits allow. Blend weights are made to sum to 1. A term whose
/// weight is 0 keeps no layers, a style whose blend is 0 is left out, and a
/// picture that no term needs keeps no digest, so that renders that are equal
/// are equal field by field. Errors: InvalidArgument as ValidatePatch, for a
/// tap the network lacks, for a
///         missing input, for lists that do not have one entry for each style
///         and for a render whose every term is off.
absl::StatusOr<Render> Resolve(const RenderPatch& patch,
                               const NetworkDescription& network,
                               const RenderLimits& limits = {},
                               const PictureSizes& sizes = {});

/// What a render has where nothing is given: RenderParams' own values, but for
/// what follows from the convention, from the preset, from another field or
/// from the network. Scales may be kAutoScales, and what follows from all of a
/// render (an early stop by the preset) is not there yet.
RenderParams DefaultsFor(const RenderPatch& patch,
                         const NetworkDescription& network);

/// The styles of lists about styles, whatever their texts name pictures by:
/// blend weights are made to sum to 1, and styles whose blend is 0 left out.
/// Errors: InvalidArgument for a missing style, for lists that do not have one
///         entry for each, and where every blend is 0.
absl::StatusOr<std::vector<StyleInput>> ResolveStyles(const RenderPatch& patch);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_RESOLVE_H_
