#include "coordinator/api/views/input_names.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/render/parameters.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "coordinator/api/views/text_rules.h"

namespace atelier {
namespace {

constexpr int kMaxInputNames = 64;
constexpr int kMaxNameCharacters = 255;

// How many inputs the render gives in the field; nothing for a field that names
// none.
std::optional<int> InputsIn(const v1::RenderSpec& render,
                            const std::string& field) {
  const Parameter* const row = FindWireField(field);
  if (row == nullptr || !IsFile(*row)) return std::nullopt;
  return CountGiven(render, *row);
}

absl::Status CheckInputName(const std::string& path, const v1::InputName& name,
                            const v1::RenderSpec& render) {
  const std::optional<int> inputs = InputsIn(render, name.field());
  if (!inputs.has_value()) {
    return InvalidArgument(
        path, ".field: ", Quoted(name.field()),
        " is not allowed; a field of RenderSpec that names inputs, as "
        "'content_digest'");
  }
  if (*inputs == 0) {
    return InvalidArgument(path, ".field: ", Quoted(name.field()),
                           " has no input there that could have a name");
  }
  if (name.position() < 0 || name.position() >= *inputs) {
    return InvalidArgument(path, ".position: ", name.position(),
                           " is not allowed; from 0 to ", *inputs - 1);
  }
  return CheckPrintable(absl::StrCat(path, ".name"), name.name(), 1,
                        kMaxNameCharacters);
}

}  // namespace

absl::Status CheckInputNames(
    absl::string_view path,
    const google::protobuf::RepeatedPtrField<v1::InputName>& names,
    const v1::RenderSpec& render) {
  if (names.size() > kMaxInputNames) {
    return InvalidArgument(path, ": ", names.size(), " names given; at most ",
                           kMaxInputNames);
  }
  std::set<std::pair<absl::string_view, int>> seen;
  for (int i = 0; i < names.size(); ++i) {
    const std::string one = absl::StrCat(path, "[", i, "]");
    RETURN_IF_ERROR(CheckInputName(one, names[i], render));
    if (!seen.emplace(names[i].field(), names[i].position()).second) {
      return InvalidArgument(one, ": ", names[i].field(), "[",
                             names[i].position(), "] is named twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace atelier
