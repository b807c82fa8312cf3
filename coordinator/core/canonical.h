// A render as one text that is equal exactly when the render is.
#ifndef ATELIER_COORDINATOR_CORE_CANONICAL_H_
#define ATELIER_COORDINATOR_CORE_CANONICAL_H_

#include <string>

#include "common/render/params.h"
#include "coordinator/core/ids.h"

namespace atelier {

/// Raised whenever the engine's arithmetic or the text's form changes, so that
/// no result of an older engine is taken for a newer one's.
inline constexpr int kRenderAlgorithmVersion = 7;

/// One "field=value" line for the version and for every field, in a fixed
/// order. Fields that came after version 1 have a line only where they are not
/// at their default, and a lone style that is not masked is its digest alone:
/// renders that were possible before keep their key. Doubles are the shortest
/// text that reads back to the same bits; -0 is written as 0. A layer is
/// written as its tap's length, tap and weight, so that no tap can imitate
/// another line.
std::string CanonicalDescription(const Render& render);

/// SHA-256 of the canonical description.
RenderKey KeyOf(const Render& render);

/// SHA-256 of the canonical description without the line of its iterations:
/// what a checkpoint is of.
ResumeKey ResumeKeyOf(const Render& render);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_CANONICAL_H_
