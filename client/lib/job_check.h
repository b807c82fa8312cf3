// Whether the points of a job can be rendered, as far as a client can tell.
#ifndef ATELIER_CLIENT_LIB_JOB_CHECK_H_
#define ATELIER_CLIENT_LIB_JOB_CHECK_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/render.pb.h"
#include "client/lib/prepare.h"
#include "client/lib/spec.h"
#include "common/render/network.h"
#include "common/render/resolve.h"

namespace atelier {

using ImagesByDigest = std::map<std::string, v1::ImageDescription>;
using NetworksByDigest = std::map<std::string, NetworkDescription>;

/// Resolves the points of a job whose inputs are digests, and checks that their
/// pictures reach the layers. `warnings` gets lines for people.
/// Errors: InvalidArgument (what is wrong, at which point), also for an input
///         that is not described.
absl::Status CheckJob(const JobDraft& job, const ImagesByDigest& images,
                      const NetworksByDigest& networks,
                      const PrepareLimits& limits,
                      std::set<std::string>& warnings);

/// The network of a point. Errors: InvalidArgument where there is none.
absl::StatusOr<const NetworkDescription*> NetworkOf(
    const RenderPatch& patch, const NetworksByDigest& networks);

PictureSizes SizesOf(const ImagesByDigest& images);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_JOB_CHECK_H_
