// Whether a request is meant for this server, by its Host.
//
// A page of any site can have a browser of this machine ask what listens on
// loopback, under a name of that site's that leads here (DNS rebinding): the
// Host has that name.
#ifndef ATELIER_COORDINATOR_API_HTTP_OWN_HOST_H_
#define ATELIER_COORDINATOR_API_HTTP_OWN_HOST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace atelier {

/// Whether a value of the header Host, "NAME" or "NAME:PORT", names this
/// machine: localhost, an address of loopback, or one of `names`, in any case.
bool IsOwnHost(absl::string_view host, const std::vector<std::string>& names);

/// What this machine calls itself, and `listen`, the host that is listened on.
std::vector<std::string> OwnNames(const std::string& listen);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_OWN_HOST_H_
