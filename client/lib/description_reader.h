// DescribeRender's text, read back.
#ifndef ATELIER_CLIENT_LIB_DESCRIPTION_READER_H_
#define ATELIER_CLIENT_LIB_DESCRIPTION_READER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/params.h"

namespace atelier {

/// What resolves to the render that is described: every field that applies is
/// given, inputs by their digests.
/// Errors: InvalidArgument (the field, what it has, what is allowed) for what
///         is no description, a field that this version does not know, and a
///         value out of its range.
absl::StatusOr<RenderPatch> PatchOfDescription(absl::string_view description);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_DESCRIPTION_READER_H_
