#include "common/render/measure.h"

#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/render/convention.h"

namespace atelier {

std::vector<absl::string_view> PreprocessingNames() {
  std::set<absl::string_view> names;
  for (const ConventionSpec& convention : AllConventions()) {
    names.insert(convention.preprocessing.name);
  }
  return {names.begin(), names.end()};
}

absl::Status ChooseMeasure(absl::string_view field, absl::string_view name,
                           MeasureChoice& measure) {
  const std::string path = absl::StrCat("measure.", field);
  if (field == "pooling") {
    const absl::StatusOr<Pooling> pooling = ParseEnum<Pooling>(path, name);
    if (!pooling.ok()) return pooling.status();
    measure.pooling = *pooling;
    return absl::OkStatus();
  }
  const std::vector<absl::string_view> names = PreprocessingNames();
  const absl::StatusOr<int> place = ParseName(path, name, names);
  if (!place.ok()) return place.status();
  measure.preprocessing = std::string(names[*place]);
  return absl::OkStatus();
}

}  // namespace atelier
