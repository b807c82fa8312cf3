// Tells the thread sanitizer what Debian's Abseil does not: that library is
// built without it, so locks taken inside look like nothing at all, and every
// guarded field like a race. The linker (--wrap) leads our own calls through
// here; each says what it orders and goes on to the real one.
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

extern "C" {

void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);

using Mutex = absl::Mutex;
using Notification = absl::Notification;

void __real__ZN4absl7debian35Mutex4LockEv(Mutex*);
void __real__ZN4absl7debian35Mutex6UnlockEv(Mutex*);
void __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(
    Mutex*, const absl::Condition*);
void __real__ZN4absl7debian312Notification6NotifyEv(Notification*);
void __real__ZNK4absl7debian312Notification19WaitForNotificationEv(
    const Notification*);

void __wrap__ZN4absl7debian35Mutex4LockEv(Mutex* mutex) {
  __real__ZN4absl7debian35Mutex4LockEv(mutex);
  __tsan_acquire(mutex);
}

// Unlocking evaluates the conditions of those who wait, in this thread.
void __wrap__ZN4absl7debian35Mutex6UnlockEv(Mutex* mutex) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  __real__ZN4absl7debian35Mutex6UnlockEv(mutex);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

void __wrap__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(
    Mutex* mutex, const absl::Condition* condition) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(mutex, condition);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
}

void __wrap__ZN4absl7debian312Notification6NotifyEv(Notification* it) {
  __tsan_release(it);
  __real__ZN4absl7debian312Notification6NotifyEv(it);
}

void __wrap__ZNK4absl7debian312Notification19WaitForNotificationEv(
    const Notification* it) {
  __real__ZNK4absl7debian312Notification19WaitForNotificationEv(it);
  __tsan_acquire(const_cast<Notification*>(it));
}

}  // extern "C"
