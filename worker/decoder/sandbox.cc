#include "worker/decoder/sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>,
                               void (*)(scmp_filter_ctx)>;

// Without conditions: what the C library, GLib's threads and the allocator do
// with what the process has already.
constexpr int kHarmless[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(close),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getcpu),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
};

void Limit(int resource, rlim_t most) {
  const rlimit limit = {most, most};
  // One that is lower already can't be raised, and need not be.
  [[maybe_unused]] const int set =
      setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// Where memory is short, the kernel takes this process and not the worker.
void OfferToGoFirst() {
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = write(fd, "1000", 4);
  close(fd);
}

int AllowMemory(scmp_filter_ctx filter) {
  // Never what was written and can then be executed.
  const scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  const int mapped = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                      not_executable);
  if (mapped != 0) return mapped;
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                          not_executable);
}

int AllowThreads(scmp_filter_ctx filter) {
  // Its flags can't be seen; the C library then calls clone.
  const int newer =
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (newer != 0) return newer;
  const int cloned =
      seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  if (cloned != 0) return cloned;
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                          SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
}

// abort() does.
int AllowSignalsToSelf(scmp_filter_ctx filter) {
  return seccomp_rule_add(
      filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
      SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid())));
}

int AllowSend(scmp_filter_ctx filter, int fd) {
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 2,
                          SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(fd)),
                          SCMP_A4(SCMP_CMP_EQ, 0));
}

absl::Status NotFiltered(const char* step, int error) {
  return absl::UnimplementedError(
      absl::StrCat("system calls can't be filtered: ", step, ": ",
                   absl::ErrnoToStatus(-error, "").message()));
}

absl::Status FilterCalls(const SandboxOptions& options) {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (filter == nullptr) return NotFiltered("seccomp_init", -ENOMEM);
  for (const int call : kHarmless) {
    const int added = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    if (added != 0) return NotFiltered("a rule", added);
  }
  for (const int added : {AllowMemory(filter.get()), AllowThreads(filter.get()),
                          AllowSignalsToSelf(filter.get()),
                          AllowSend(filter.get(), options.channel_fd)}) {
    if (added != 0) return NotFiltered("a rule", added);
  }
  const int loaded = seccomp_load(filter.get());
  if (loaded != 0) return NotFiltered("seccomp_load", loaded);
  return absl::OkStatus();
}

}  // namespace

absl::Status EnterSandbox(const SandboxOptions& options) {
  OfferToGoFirst();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_MEMLOCK, 0);
  Limit(RLIMIT_NOFILE, static_cast<rlim_t>(options.last_fd) + 1);
  return FilterCalls(options);
}

}  // namespace atelier
