// The coordinator's page: files that are everybody's, and show nobody anything
// until they have asked the JSON API.
#ifndef ATELIER_COORDINATOR_API_HTTP_PAGE_ROUTES_H_
#define ATELIER_COORDINATOR_API_HTTP_PAGE_ROUTES_H_

#include <vector>

#include "absl/types/span.h"
#include "coordinator/api/http/router.h"
#include "coordinator/page/page.h"

namespace atelier {

/// "/" is index.html, "/page/NAME" any other. Under a policy by which nothing
/// comes from elsewhere, and no other site frames it.
std::vector<HttpRoute> PageFileRoutes(absl::Span<const PageFile> files);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_PAGE_ROUTES_H_
