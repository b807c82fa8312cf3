// The keys under which results and checkpoints of a render are known.
#ifndef ATELIER_COORDINATOR_STATE_CANONICAL_H_
#define ATELIER_COORDINATOR_STATE_CANONICAL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/render/params.h"
#include "coordinator/state/ids.h"

namespace atelier {

/// A first line that is always the same and the lines of CanonicalText.
std::string CanonicalDescription(const Render& render);

/// SHA-256 of the canonical description; of scope and description where a scope
/// is given: what has another scope is another render.
RenderKey KeyOf(const Render& render, absl::string_view scope = "");

/// SHA-256 of the canonical description without the line of its iterations:
/// what a checkpoint is of. Scopes are as for KeyOf.
ResumeKey ResumeKeyOf(const Render& render, absl::string_view scope = "");

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_CANONICAL_H_
