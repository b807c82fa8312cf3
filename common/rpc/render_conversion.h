// Between the wire's render messages and common/render's values.
#ifndef ATELIER_COMMON_RPC_RENDER_CONVERSION_H_
#define ATELIER_COMMON_RPC_RENDER_CONVERSION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "atelier/v1/render.pb.h"
#include "common/render/losses.h"
#include "common/render/network.h"
#include "common/render/parameters.h"
#include "common/render/params.h"

namespace atelier {

/// Errors: FieldError for an enum value this build does not know.
absl::StatusOr<RenderPatch> FromProto(const v1::RenderSpec& spec);
v1::RenderSpec ToProto(const RenderPatch& patch);

/// A resolved render: every field that applies is set.
v1::RenderSpec ToProto(const Render& render);
/// Errors: FieldError, also for a field that is missing.
absl::StatusOr<Render> ResolvedFromProto(const v1::RenderSpec& spec);

/// How many values the spec gives for the parameter: 0 or 1, or the length of
/// its list.
int CountGiven(const v1::RenderSpec& spec, const Parameter& parameter);

/// What the lists of FromProto(spec) will take in memory, in bytes. They are
/// small on the wire.
int64_t ListBytes(const v1::RenderSpec& spec);

/// Errors: InvalidArgument for unknown enum values, an empty block or a
///         channel count out of range.
absl::StatusOr<NetworkDescription> FromProto(
    const v1::NetworkDescription& network);
v1::NetworkDescription ToProto(const NetworkDescription& network);

Losses FromProto(const v1::Losses& losses);
v1::Losses ToProto(const Losses& losses);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_RENDER_CONVERSION_H_
