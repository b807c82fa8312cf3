// The files of the coordinator's page, as texts: what embed_page.cmake makes of
// those beside it.
#ifndef ATELIER_COORDINATOR_PAGE_PAGE_H_
#define ATELIER_COORDINATOR_PAGE_PAGE_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace atelier {

struct PageFile {
  absl::string_view name;  ///< "main.js"
  absl::string_view text;
};

/// "index.html", and what it names. Lifetime: the program's.
absl::Span<const PageFile> PageFiles();

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_PAGE_PAGE_H_
