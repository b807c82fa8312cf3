#include "coordinator/await_available.h"

#include <cstring>
#include <utility>

#include "common/log/log.h"
#include "common/signals.h"

namespace atelier {
namespace {

constexpr absl::Duration kRetryOpening = absl::Seconds(1);

}  // namespace

bool IsToldToStop(absl::Duration wait) {
  const int signal = WaitForSignal(wait);
  if (signal != 0) LogInfo(strsignal(signal), ": stopping");
  return signal != 0;
}

absl::Status AwaitAvailable(const std::function<absl::Status()>& open,
                            SharedStatus& waits_for) {
  bool is_first = true;
  while (true) {
    const absl::Status why = open();
    if (!absl::IsUnavailable(why)) {
      waits_for.Set(absl::OkStatus());
      return why;
    }
    if (std::exchange(is_first, false)) {
      LogError("not serving yet: ", why.message());
    }
    waits_for.Set(why);
    if (IsToldToStop(kRetryOpening)) return absl::CancelledError();
  }
}

}  // namespace atelier
