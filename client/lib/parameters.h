// The parameters of a render as people write them, before their files are read.
//
//   RenderDraft draft;
//   RETURN_IF_ERROR(ParseParameter(*FindParameter("style_weight"), "3.5e3",
//                                  draft.patch));
#ifndef ATELIER_CLIENT_LIB_PARAMETERS_H_
#define ATELIER_CLIENT_LIB_PARAMETERS_H_

#include <string>

#include "client/lib/input_names.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"

namespace atelier {

/// Some of a render's parameters as a person wrote them.
struct RenderDraft {
  /// Where a patch has digests, this one has paths and names of networks.
  RenderPatch patch;
};

/// `over`'s parameters where it has them, else `base`'s. An `init` that is no
/// file takes the file of an earlier one away.
RenderDraft Merge(RenderDraft base, const RenderDraft& over);

/// The text that ParseParameter takes back, but for files: what `names`, which
/// is at the render's task, calls them.
std::string PrintParameter(const Parameter& parameter, const Render& render,
                           const InputNames& names);

/// Takes paths that are relative as relative to `folder`. Names of networks
/// that come with Atelier stay names.
void ResolvePaths(const std::string& folder, RenderDraft& draft);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_PARAMETERS_H_
