// What bytes are kept as.
#ifndef ATELIER_COMMON_ARTIFACT_KIND_H_
#define ATELIER_COMMON_ARTIFACT_KIND_H_

#include "absl/strings/string_view.h"

namespace atelier {

/// Kinds are kept apart: what was brought as one is not there as another. The
/// numbers are stored: never reuse one.
enum class ArtifactKind {
  kArtifact = 1,    ///< Inputs and results.
  kCheckpoint = 2,  ///< States of renders to go on from: they only save time.
  kPreview = 3,     ///< Small pictures, for looks: the oldest make room.
  kLog = 4,         ///< What workers wrote of attempts: the oldest make room.
};

/// "artifact": as messages and metrics spell it.
inline absl::string_view Name(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::kArtifact:
      return "artifact";
    case ArtifactKind::kCheckpoint:
      return "checkpoint";
    case ArtifactKind::kPreview:
      return "preview";
    case ArtifactKind::kLog:
      return "log";
  }
  return "unknown";
}

}  // namespace atelier

#endif  // ATELIER_COMMON_ARTIFACT_KIND_H_
