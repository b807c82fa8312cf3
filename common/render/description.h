// A render as text: for its key, and for people who have its picture.
#ifndef ATELIER_COMMON_RENDER_DESCRIPTION_H_
#define ATELIER_COMMON_RENDER_DESCRIPTION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/render/params.h"

namespace atelier {

/// Equal exactly when the render is: one "field=value" line for each input and
/// parameter, in the order of their numbers on the wire, but for those that are
/// at the value that all renders had before they came (InKey::before). Numbers
/// are ShortestText, with -0 as 0. A layer is its tap's length, tap and weight,
/// so that no tap can imitate another line. `without` names a parameter that
/// has no line, for what renders with another value of it share.
std::string CanonicalText(const Render& render, absl::string_view without = "");

/// What a result's metadata says of it: one line of JSON with sorted keys, the
/// wire's names. Parameters, layers and input digests, never the time, the
/// worker or the job. Equal renders, equal text. Fields that do not apply are
/// left out, and those at the value that all renders had before they came.
std::string DescribeRender(const Render& render);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_DESCRIPTION_H_
