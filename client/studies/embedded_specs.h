// What embed_specs.cmake generates: the text of the YAML files beside it.
#ifndef ATELIER_CLIENT_STUDIES_EMBEDDED_SPECS_H_
#define ATELIER_CLIENT_STUDIES_EMBEDDED_SPECS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace atelier {

struct EmbeddedSpec {
  absl::string_view name;  ///< The file's, without its extension.
  absl::string_view yaml;
};

absl::Span<const EmbeddedSpec> EmbeddedSpecs();

}  // namespace atelier

#endif  // ATELIER_CLIENT_STUDIES_EMBEDDED_SPECS_H_
