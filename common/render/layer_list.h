// Lists of layers as flags and specs spell them.
//
//   "conv1_1,conv2_1:0.5"   two layers, the second at half weight
//   "conv_1-4"              conv_1, conv_2, conv_3 and conv_4
//   "none"                  no layer
#ifndef ATELIER_COMMON_RENDER_LAYER_LIST_H_
#define ATELIER_COMMON_RENDER_LAYER_LIST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/render/params.h"

namespace atelier {

/// Reads a list; whether a network has the taps is FindTap's to say. A weight
/// after a range is each layer's.
/// Errors: InvalidArgument (gives the entry, what is wrong, what is allowed).
absl::StatusOr<std::vector<LayerWeight>> ParseLayerList(absl::string_view text);

/// The shortest list that ParseLayerList reads back, without ranges.
std::string FormatLayerList(absl::Span<const LayerWeight> layers);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_LAYER_LIST_H_
