// The terms that a loss may have. Free of Torch.
#ifndef ATELIER_WORKER_ENGINE_TERM_REGISTRY_H_
#define ATELIER_WORKER_ENGINE_TERM_REGISTRY_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace atelier::engine {

struct TermKind;  // term.h

/// All, in the order in which they are evaluated, added up and listed.
absl::Span<const TermKind* const> TermRegistry();

/// A term in messages: "content loss". Its name, where there is no such term.
absl::string_view TermLabel(absl::string_view name);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TERM_REGISTRY_H_
