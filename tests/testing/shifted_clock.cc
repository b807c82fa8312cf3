// The machine's clock, set by the seconds that a file says, for programs that
// are started with this library in LD_PRELOAD: both what is read of it and what
// is waited for on it. The monotonic clock is left as it is, as it is by
// whoever sets a machine's clock.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// How soon a wait notices that the clock was set.
constexpr int64_t kSliceNanos = 20'000'000;

// A function of the next library. Looked up without a static local, whose guard
// may wait by syscall() itself.
template <typename Function>
class Next {
 public:
  explicit constexpr Next(const char* name) : name_(name) {}
  Function get() {
    Function found = found_.load(std::memory_order_relaxed);
    if (found == nullptr) {
      found = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name_));
      found_.store(found, std::memory_order_relaxed);
    }
    return found;
  }

 private:
  const char* const name_;
  std::atomic<Function> found_{nullptr};
};

Next<int (*)(clockid_t, timespec*)> next_clock_gettime("clock_gettime");
Next<int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*)>
    next_cond_timedwait("pthread_cond_timedwait");
Next<int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>
    next_cond_clockwait("pthread_cond_clockwait");
Next<int (*)(sem_t*, const timespec*)> next_sem_timedwait("sem_timedwait");
Next<int (*)(clockid_t, int, const timespec*, timespec*)> next_clock_nanosleep(
    "clock_nanosleep");
Next<long (*)(long, ...)> next_syscall("syscall");

// Read anew each time: a test changes it while the program runs.
time_t Shift() {
  const char* const file = std::getenv("SHIFTED_CLOCK_FILE");
  if (file == nullptr) return 0;
  const int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[32] = {};
  const ssize_t length = read(fd, text, sizeof(text) - 1);
  close(fd);
  return length > 0 ? std::strtoll(text, nullptr, 10) : 0;
}

int64_t Nanos(const timespec& time) {
  return time.tv_sec * kNanosPerSecond + time.tv_nsec;
}

int64_t MachinesNow() {
  timespec now;
  next_clock_gettime.get()(CLOCK_REALTIME, &now);
  return Nanos(now);
}

// When to look again, in the time of the kernel, whose clock nobody has set.
timespec EndOfSlice(const timespec& shifted_deadline) {
  const int64_t now = MachinesNow();
  const int64_t deadline = Nanos(shifted_deadline) - Shift() * kNanosPerSecond;
  const int64_t end =
      deadline < now + kSliceNanos ? deadline : now + kSliceNanos;
  return {static_cast<time_t>(end > 0 ? end / kNanosPerSecond : 0),
          static_cast<long>(end > 0 ? end % kNanosPerSecond : 0)};
}

bool HasCome(const timespec& shifted_deadline) {
  return MachinesNow() + Shift() * kNanosPerSecond >= Nanos(shifted_deadline);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = next_clock_gettime.get()(clock, time);
  if (clock == CLOCK_REALTIME && result == 0) time->tv_sec += Shift();
  return result;
}

extern "C" int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  timespec now;
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}

extern "C" time_t time(time_t* out) noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// A condition variable may wake for no reason, so that each slice ends as that.
extern "C" int pthread_cond_timedwait(pthread_cond_t* condition,
                                      pthread_mutex_t* mutex,
                                      const timespec* deadline) {
  const timespec slice = EndOfSlice(*deadline);
  const int result = next_cond_timedwait.get()(condition, mutex, &slice);
  return result == ETIMEDOUT && !HasCome(*deadline) ? 0 : result;
}

extern "C" int pthread_cond_clockwait(pthread_cond_t* condition,
                                      pthread_mutex_t* mutex, clockid_t clock,
                                      const timespec* deadline) {
  const auto next = next_cond_clockwait.get();
  if (clock != CLOCK_REALTIME) return next(condition, mutex, clock, deadline);
  const timespec slice = EndOfSlice(*deadline);
  const int result = next(condition, mutex, clock, &slice);
  return result == ETIMEDOUT && !HasCome(*deadline) ? 0 : result;
}

extern "C" int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
  const auto next = next_sem_timedwait.get();
  while (true) {
    const timespec slice = EndOfSlice(*deadline);
    if (next(semaphore, &slice) == 0) return 0;
    if (errno != ETIMEDOUT || HasCome(*deadline)) return -1;
  }
}

extern "C" int clock_nanosleep(clockid_t clock, int flags,
                               const timespec* wanted, timespec* left) {
  const auto next = next_clock_nanosleep.get();
  if (clock != CLOCK_REALTIME || (flags & TIMER_ABSTIME) == 0) {
    return next(clock, flags, wanted, left);
  }
  while (true) {
    const timespec slice = EndOfSlice(*wanted);
    const int result = next(clock, flags, &slice, nullptr);
    if (result != 0 || HasCome(*wanted)) return result;
  }
}

// Abseil's waits. The kernel compares the word anew at each slice.
extern "C" long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long argument[6];
  for (long& one : argument) one = va_arg(list, long);
  va_end(list);
  const auto next = next_syscall.get();
  const auto* deadline = reinterpret_cast<const timespec*>(argument[3]);
  if (number != SYS_futex || (argument[1] & FUTEX_CLOCK_REALTIME) == 0 ||
      (argument[1] & FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET ||
      deadline == nullptr) {
    return next(number, argument[0], argument[1], argument[2], argument[3],
                argument[4], argument[5]);
  }
  while (true) {
    const timespec slice = EndOfSlice(*deadline);
    const long result = next(number, argument[0], argument[1], argument[2],
                             &slice, argument[4], argument[5]);
    if (result == 0 || errno != ETIMEDOUT || HasCome(*deadline)) return result;
  }
}
