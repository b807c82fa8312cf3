#include "coordinator/access/refused_calls.h"

namespace atelier {

std::optional<absl::Duration> RefusedCalls::Count(const std::string& address,
                                                  absl::Time now) {
  Window* window = by_address_.Find(address);
  if (window == nullptr) {
    by_address_.MakeRoom(1, kMostAddresses);
    by_address_.Add(address, {now, 0}, 1);
    window = by_address_.Find(address);
  }
  if (now - window->began >= kWindow) *window = {now, 0};
  if (++window->calls <= kMostInAWindow) return std::nullopt;
  return window->began + kWindow - now;
}

}  // namespace atelier
