#include "worker/agent/fault_signals.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace atelier {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr size_t kSignalCount = sizeof(kSignals) / sizeof(kSignals[0]);
// The registers of AVX-512 and AMX alone take 11 KiB of it.
constexpr size_t kStackBytes = 64 << 10;

// Handlers reach nothing but globals.
std::atomic<int> note_descriptor{-1};
std::atomic<off_t> note_offset{0};
struct sigaction before[kSignalCount];

void WriteNumber(int number) {
  const int descriptor = note_descriptor.load();
  if (descriptor < 0) return;
  const char digits[kFaultSignalDigits] = {
      static_cast<char>('0' + number / 100),
      static_cast<char>('0' + number / 10 % 10),
      static_cast<char>('0' + number % 10)};
  [[maybe_unused]] const ssize_t written =
      pwrite(descriptor, digits, sizeof(digits), note_offset.load());
}

// Calls nothing that POSIX does not allow in a handler. The signal is blocked
// while this runs, so what is sent here comes when it returns: to whoever would
// have had it, with the same cause and address for the core.
void HandleFault(int number, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  WriteNumber(number);
  for (size_t i = 0; i < kSignalCount; ++i) {
    if (kSignals[i] == number) sigaction(number, &before[i], nullptr);
  }
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), number,
              info) != 0) {
    raise(number);
  }
  errno = error;
}

}  // namespace

void NoteFaultSignals(int descriptor, off_t offset) {
  const bool handled = note_descriptor.exchange(-1) >= 0;
  note_offset = offset;
  note_descriptor = descriptor;
  if (handled) return;
  struct sigaction action = {};
  action.sa_sigaction = HandleFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (size_t i = 0; i < kSignalCount; ++i) {
    sigaction(kSignals[i], &action, &before[i]);
  }
}

void StopNotingFaultSignals() {
  if (note_descriptor.exchange(-1) < 0) return;
  for (size_t i = 0; i < kSignalCount; ++i) {
    sigaction(kSignals[i], &before[i], nullptr);
  }
}

SignalStack::SignalStack() {
  stack_t old = {};
  // A sanitizer may have given it one.
  if (sigaltstack(nullptr, &old) != 0 || (old.ss_flags & SS_DISABLE) == 0) {
    return;
  }
  stack_ = std::make_unique<char[]>(kStackBytes);
  stack_t stack = {};
  stack.ss_sp = stack_.get();
  stack.ss_size = kStackBytes;
  if (sigaltstack(&stack, nullptr) != 0) stack_.reset();
}

SignalStack::~SignalStack() {
  if (stack_ == nullptr) return;
  stack_t none = {};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
}

}  // namespace atelier
