#include "worker/engine/term_registry.h"

#include "worker/engine/content_term.h"
#include "worker/engine/style_term.h"
#include "worker/engine/total_variation_term.h"

namespace atelier::engine {

absl::Span<const TermKind* const> TermRegistry() {
  static constexpr const TermKind* kTerms[] = {&kContentTerm, &kStyleTerm,
                                               &kTotalVariationTerm};
  return kTerms;
}

absl::string_view TermLabel(absl::string_view name) {
  for (const TermKind* kind : TermRegistry()) {
    if (kind->name == name) return kind->label;
  }
  return name;
}

}  // namespace atelier::engine
