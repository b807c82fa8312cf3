// The keys under which results and checkpoints of a render are known.
#ifndef ATELIER_COORDINATOR_STATE_CANONICAL_H_
#define ATELIER_COORDINATOR_STATE_CANONICAL_H_

#include <string>

#include "common/render/params.h"
#include "coordinator/state/ids.h"

namespace atelier {

/// A first line that is always the same and the lines of CanonicalText.
std::string CanonicalDescription(const Render& render);

/// SHA-256 of the canonical description.
RenderKey KeyOf(const Render& render);

/// SHA-256 of the canonical description without the line of its iterations:
/// what a checkpoint is of.
ResumeKey ResumeKeyOf(const Render& render);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_CANONICAL_H_
