// Memory that a render takes again and again.
#ifndef ATELIER_WORKER_ENGINE_HELD_PAGES_H_
#define ATELIER_WORKER_ENGINE_HELD_PAGES_H_

namespace atelier::engine {

/// While one is there, what the process frees stays its own. jemalloc gives
/// freed pages back to the system, those of large blocks at once, and the next
/// iteration's first touch of each is a page fault: up to a tenth of its time.
/// What was kept is given back as the last one ends. Another malloc is left as
/// it is. Thread-safe.
class HeldPages {
 public:
  HeldPages();
  ~HeldPages();
  HeldPages(const HeldPages&) = delete;
  HeldPages& operator=(const HeldPages&) = delete;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_HELD_PAGES_H_
