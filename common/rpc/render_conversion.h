// Between the wire's render messages and common/render's values.
#ifndef ATELIER_COMMON_RPC_RENDER_CONVERSION_H_
#define ATELIER_COMMON_RPC_RENDER_CONVERSION_H_

#include "absl/status/statusor.h"
#include "atelier/v1/render.pb.h"
#include "common/render/network.h"
#include "common/render/params.h"

namespace atelier {

/// Errors: InvalidArgument for an enum value this build does not know (names
///         the field).
absl::StatusOr<RenderPatch> FromProto(const v1::RenderSpec& spec);
v1::RenderSpec ToProto(const RenderPatch& patch);

/// A resolved render: every field that applies is set.
v1::RenderSpec ToProto(const Render& render);
/// Errors: InvalidArgument, also for a field that is missing (names it).
absl::StatusOr<Render> ResolvedFromProto(const v1::RenderSpec& spec);

/// Errors: InvalidArgument for unknown enum values, an empty block or a
///         channel count out of range.
absl::StatusOr<NetworkDescription> FromProto(
    const v1::NetworkDescription& network);
v1::NetworkDescription ToProto(const NetworkDescription& network);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_RENDER_CONVERSION_H_
