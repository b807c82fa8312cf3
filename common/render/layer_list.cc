#include "common/render/layer_list.h"

#include <algorithm>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/number_text.h"
#include "common/quoted_text.h"
#include "common/shortest_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kNoLayers = "none";
// No VGG has more convolutions; keeps a mistyped range from becoming a list of
// millions.
constexpr int kMaxRangeLength = 64;

absl::Status BadEntry(absl::string_view entry, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("layer ", Quoted(entry), ": ", why));
}

bool IsNumber(absl::string_view text, int* value) {
  return !text.empty() && text.size() <= 4 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, value);
}

absl::StatusOr<double> ParseWeight(absl::string_view entry,
                                   absl::string_view text) {
  double weight = 0;
  if (ReadNumber(text, weight) && weight >= 0) return weight;
  const std::string correction =
      NumberCorrection(text, NumberKind::kAny,
                       [](absl::string_view meant) { return meant[0] != '-'; });
  if (!correction.empty()) {
    return BadEntry(entry, absl::StrCat("weight ", correction));
  }
  return BadEntry(entry, absl::StrCat("weight ", Quoted(text),
                                      " is not allowed; a finite number, at "
                                      "least 0"));
}

// "conv_1-4" to the four names; a name without '-' to itself.
absl::StatusOr<std::vector<std::string>> ExpandRange(absl::string_view entry,
                                                     absl::string_view names) {
  const size_t dash = names.find('-');
  if (dash == absl::string_view::npos) {
    return std::vector<std::string>{std::string(names)};
  }
  const absl::string_view first_name = names.substr(0, dash);
  const size_t stem_end = first_name.find_last_not_of("0123456789") + 1;
  int first = 0;
  int last = 0;
  if (!IsNumber(first_name.substr(stem_end), &first) ||
      !IsNumber(names.substr(dash + 1), &last) || last < first ||
      last - first >= kMaxRangeLength) {
    return BadEntry(entry,
                    absl::StrCat("is no range; write 'conv_1-4' for conv_1 to "
                                 "conv_4, at most ",
                                 kMaxRangeLength, " layers"));
  }
  std::vector<std::string> expanded;
  for (int number = first; number <= last; ++number) {
    expanded.push_back(absl::StrCat(first_name.substr(0, stem_end), number));
  }
  return expanded;
}

absl::StatusOr<std::vector<LayerWeight>> ParseEntry(absl::string_view entry) {
  const size_t colon = entry.find(':');
  const absl::string_view names =
      absl::StripAsciiWhitespace(entry.substr(0, colon));
  double weight = 1;
  if (colon != absl::string_view::npos) {
    ASSIGN_OR_RETURN(weight, ParseWeight(entry, absl::StripAsciiWhitespace(
                                                    entry.substr(colon + 1))));
  }
  if (names.empty() || names == kNoLayers) {
    return BadEntry(entry,
                    "is no layer; write 'conv1_1,conv2_1:0.5', or "
                    "'none' alone for an empty list");
  }
  ASSIGN_OR_RETURN(std::vector<std::string> taps, ExpandRange(entry, names));
  std::vector<LayerWeight> layers;
  for (std::string& tap : taps) layers.push_back({std::move(tap), weight});
  return layers;
}

}  // namespace

absl::StatusOr<std::vector<LayerWeight>> ParseLayerList(
    absl::string_view text) {
  std::vector<LayerWeight> layers;
  if (absl::StripAsciiWhitespace(text) == kNoLayers) return layers;
  for (absl::string_view entry : absl::StrSplit(text, ',')) {
    ASSIGN_OR_RETURN(std::vector<LayerWeight> parsed, ParseEntry(entry));
    std::move(parsed.begin(), parsed.end(), std::back_inserter(layers));
  }
  return layers;
}

std::string FormatLayerList(absl::Span<const LayerWeight> layers) {
  if (layers.empty()) return std::string(kNoLayers);
  return absl::StrJoin(
      layers, ",", [](std::string* out, const LayerWeight& layer) {
        absl::StrAppend(out, layer.tap);
        if (layer.weight != 1) {
          absl::StrAppend(out, ":", ShortestText(layer.weight));
        }
      });
}

}  // namespace atelier
