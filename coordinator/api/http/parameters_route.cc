#include "coordinator/api/http/parameters_route.h"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/render.pb.h"
#include "common/render/auto_scales.h"
#include "common/render/convention.h"
#include "common/render/parameter_text.h"
#include "common/render/patch.h"
#include "common/render/preset.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/views/builtin_network.h"
#include "coordinator/control/access.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using OrderedJson = nlohmann::ordered_json;

// The wire's enums count from 1 in the order of ours.
std::string WireChoice(const Parameter& parameter, int place) {
  const auto* const field = v1::RenderSpec::descriptor()->FindFieldByName(
      std::string(parameter.wire_name));
  if (field == nullptr || field->enum_type() == nullptr) return "";
  const auto* const value = field->enum_type()->FindValueByNumber(place + 1);
  return value == nullptr ? "" : value->name();
}

template <typename Enum>
OrderedJson Choices(const Parameter& parameter) {
  OrderedJson choices = OrderedJson::array();
  int place = 0;
  for (const absl::string_view name : Names(Enum())) {
    choices.push_back({{"name", std::string(name)},
                       {"wire_name", WireChoice(parameter, place++)}});
  }
  return choices;
}

// One for each kind of member.
template <typename T>
void AddKind(const Parameter& parameter, const Member<T>& /*member*/,
             OrderedJson& row) {
  if constexpr (std::is_enum_v<T>) {
    row["kind"] = "choice";
    row["choices"] = Choices<T>(parameter);
  } else if constexpr (std::is_same_v<T, double>) {
    row["kind"] = "number";
  } else {
    row["kind"] = "integer";
  }
}
void AddKind(const Parameter& /*parameter*/,
             const Member<std::vector<LayerWeight>>& /*member*/,
             OrderedJson& row) {
  row["kind"] = "layers";
}
template <typename T>
void AddKind(const Parameter& parameter, const Shorthand<T>& /*member*/,
             OrderedJson& row) {
  row["kind"] = "choice";
  row["choices"] = Choices<T>(parameter);
}
void AddKind(const Parameter& /*parameter*/, const FileMember& /*member*/,
             OrderedJson& row) {
  row["kind"] = "file";
}
template <typename T>
void AddKind(const Parameter& /*parameter*/, const StyleMember<T>& /*member*/,
             OrderedJson& row) {
  row["kind"] = std::is_same_v<T, double> ? "numbers" : "files";
}

const char* FileText(FileKind kind) {
  switch (kind) {
    case FileKind::kPicture:
      return "picture";
    case FileKind::kMask:
      return "mask";
    case FileKind::kNetwork:
      return "network";
  }
  return "";
}

OrderedJson Row(const Parameter& parameter, const RenderLimits& limits) {
  OrderedJson row = {{"name", std::string(parameter.name)},
                     {"wire_name", std::string(parameter.wire_name)}};
  std::visit([&](const auto& member) { AddKind(parameter, member, row); },
             parameter.member);
  const std::string allowed = AllowedText(parameter, limits);
  const bool is_number = row["kind"] == "number" || row["kind"] == "integer";
  if (IsFile(parameter)) row["file"] = FileText(parameter.file);
  if (is_number && !allowed.empty()) {
    const Range& range = parameter.range;
    row["least"] = range.least;
    row["most"] = range.limit == nullptr
                      ? range.most
                      : static_cast<double>(limits.*range.limit);
    row["step"] = range.step;
    if (!range.zero.empty()) row["zero"] = std::string(range.zero);
  }
  row["allowed"] = allowed;
  row["default"] = DefaultText(parameter);
  row["value_name"] = std::string(parameter.value_name);
  row["help"] = std::string(parameter.help);
  return row;
}

OrderedJson PresetRow(Preset preset) {
  const PresetSpec& spec = Spec(preset);
  return {{"name", std::string(Name(preset))},
          {"iterations_from_picture", spec.iterations_from_picture},
          {"iterations_from_noise", spec.iterations_from_noise},
          {"scales",
           spec.scales == kAutoScales ? "auto" : absl::StrCat(spec.scales)},
          {"least_progress", spec.least_progress}};
}

// Those that need not be brought, as JobSpec.networks takes them.
OrderedJson Networks() {
  const absl::StatusOr<std::string> network = Json(BuiltinNetworkDescription());
  return OrderedJson::array({OrderedJson::parse(network.value())});
}

std::string ParametersText(const RenderLimits& limits,
                           int64_t max_artifact_bytes) {
  OrderedJson parameters = OrderedJson::array();
  for (const Parameter& parameter : AllParameters()) {
    parameters.push_back(Row(parameter, limits));
  }
  OrderedJson presets = OrderedJson::array();
  const int count = static_cast<int>(Names(Preset()).size());
  for (int i = 0; i < count; ++i) {
    presets.push_back(PresetRow(static_cast<Preset>(i)));
  }
  const OrderedJson all = {
      {"parameters", std::move(parameters)},
      {"presets", std::move(presets)},
      {"networks", Networks()},
      {"max_artifact_bytes", absl::StrCat(max_artifact_bytes)}};
  return all.dump() + "\n";
}

}  // namespace

HttpRoute ParametersRoute(std::string path, const RenderLimits& limits,
                          int64_t max_artifact_bytes) {
  HttpRoute route;
  route.path = std::move(path);
  route.lane = HttpLane::kInline;
  route.handle = Answering([text = ParametersText(limits, max_artifact_bytes)](
                               const HttpRequest& request) -> HttpReply {
    absl::Status status = CheckAccess(request.caller, Verb::kListJobs);
    if (status.ok() && !request.query.empty()) {
      status = absl::InvalidArgumentError("query: no parameter is allowed");
    }
    if (!status.ok()) return ErrorReply(request.path, status);
    return {200, "application/json", text};
  });
  return route;
}

}  // namespace atelier
