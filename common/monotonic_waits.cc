// Timed waits that a change of the machine's clock neither stretches nor cuts
// short, for every program that links atelier::monotonic_waits (docs/adr/0024).
//
// Debian's Abseil waits with FUTEX_CLOCK_REALTIME, for a time of the machine's
// clock: set it back by ten minutes, and each wait lasts ten minutes longer.
// gRPC's timers (deadlines, reconnects, keepalive) wait by Abseil. This file
// takes the place of libc's syscall() in the program, as an allocator takes
// that of malloc: such a wait begins as it was meant, and is then measured on
// the monotonic clock. Everything else is passed on as it is.
#include <dlfcn.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Farther than this is as good as for ever, and safe to add to.
constexpr int64_t kFarSeconds = int64_t{1} << 32;

using Syscall = long (*)(long, ...);

// No static local: their guards wait by syscall() themselves.
std::atomic<Syscall> libc_syscall{nullptr};

Syscall LibcSyscall() {
  Syscall found = libc_syscall.load(std::memory_order_relaxed);
  if (found != nullptr) return found;
  found = reinterpret_cast<Syscall>(dlsym(RTLD_NEXT, "syscall"));
  libc_syscall.store(found, std::memory_order_relaxed);
  return found;
}

int64_t Nanos(const timespec& time) {
  if (time.tv_sec > kFarSeconds) return kFarSeconds * kNanosPerSecond;
  return time.tv_sec * kNanosPerSecond + time.tv_nsec;
}

int64_t NanosOf(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return Nanos(now);
}

// A wait that was interrupted is repeated for the same time of the machine's
// clock, though that may have been set meanwhile.
thread_local int64_t last_deadline = -1;
thread_local int64_t last_monotonic_deadline = -1;

timespec ToMonotonic(const timespec& deadline) {
  const int64_t wanted = Nanos(deadline);
  if (wanted != last_deadline) {
    const int64_t left = wanted - NanosOf(CLOCK_REALTIME);
    const int64_t at = NanosOf(CLOCK_MONOTONIC) + left;
    last_deadline = wanted;
    last_monotonic_deadline = at > 0 ? at : 0;
  }
  return {last_monotonic_deadline / kNanosPerSecond,
          last_monotonic_deadline % kNanosPerSecond};
}

bool WaitsForTheMachinesClock(long number, long operation) {
  return number == SYS_futex && (operation & FUTEX_CLOCK_REALTIME) != 0 &&
         (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
}

}  // namespace

// As libc's, which takes as many arguments as the kernel may want.
extern "C" long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long argument[6];
  for (long& one : argument) one = va_arg(list, long);
  va_end(list);
  const auto* deadline = reinterpret_cast<const timespec*>(argument[3]);
  if (WaitsForTheMachinesClock(number, argument[1]) && deadline != nullptr) {
    const timespec monotonic = ToMonotonic(*deadline);
    return LibcSyscall()(number, argument[0],
                         argument[1] & ~long{FUTEX_CLOCK_REALTIME}, argument[2],
                         &monotonic, argument[4], argument[5]);
  }
  return LibcSyscall()(number, argument[0], argument[1], argument[2],
                       argument[3], argument[4], argument[5]);
}
