#include "worker/engine/held_pages.h"

#include <dlfcn.h>
#include <sys/types.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace atelier::engine {
namespace {

constexpr ssize_t kNever = -1;

using Mallctl = int(const char* name, void* old_value, size_t* old_size,
                    void* new_value, size_t new_size);

// Null where malloc is not jemalloc's, which is not linked by name.
Mallctl* FindMallctl() {
  return reinterpret_cast<Mallctl*>(dlsym(RTLD_DEFAULT, "mallctl"));
}

// Sets after how many milliseconds freed pages go back. Returns what was set;
// none for an arena that nothing has come from.
std::optional<ssize_t> SetDecay(Mallctl* mallctl, const std::string& name,
                                ssize_t decay_ms) {
  ssize_t before = 0;
  size_t size = sizeof before;
  if (mallctl(name.c_str(), &before, &size, &decay_ms, sizeof decay_ms) != 0) {
    return std::nullopt;
  }
  return before;
}

std::string DecayOf(unsigned arena) {
  return absl::StrCat("arena.", arena, ".dirty_decay_ms");
}

void GiveBack(Mallctl* mallctl, unsigned arena) {
  mallctl(absl::StrCat("arena.", arena, ".purge").c_str(), nullptr, nullptr,
          nullptr, 0);
}

// The decay of each arena, changed and put back.
class Decays {
 public:
  void Hold() {
    default_ = SetDecay(mallctl_, kDefault, kNever);
    if (!default_.has_value()) return;
    before_.clear();
    for (unsigned arena = 0; arena < CountArenas(); ++arena) {
      before_.push_back(SetDecay(mallctl_, DecayOf(arena), kNever));
    }
  }

  void PutBack() {
    if (!default_.has_value()) return;
    SetDecay(mallctl_, kDefault, *default_);
    // Some may have been made since.
    before_.resize(std::max<size_t>(before_.size(), CountArenas()));
    for (unsigned arena = 0; arena < before_.size(); ++arena) {
      SetDecay(mallctl_, DecayOf(arena), before_[arena].value_or(*default_));
      GiveBack(mallctl_, arena);
    }
  }

  bool are_there() const { return mallctl_ != nullptr; }

 private:
  unsigned CountArenas() const {
    unsigned arenas = 0;
    size_t size = sizeof arenas;
    mallctl_("arenas.narenas", &arenas, &size, nullptr, 0);
    return arenas;
  }

  static constexpr char kDefault[] = "arenas.dirty_decay_ms";

  Mallctl* const mallctl_ = FindMallctl();
  std::optional<ssize_t> default_;  // Of arenas to come.
  std::vector<std::optional<ssize_t>> before_;
};

struct Holders {
  std::mutex mutex;
  int count = 0;
  Decays decays;
};

Holders& TheHolders() {
  static Holders* const holders = new Holders();
  return *holders;
}

}  // namespace

HeldPages::HeldPages() {
  Holders& holders = TheHolders();
  const std::lock_guard<std::mutex> lock(holders.mutex);
  if (++holders.count == 1 && holders.decays.are_there()) holders.decays.Hold();
}

HeldPages::~HeldPages() {
  Holders& holders = TheHolders();
  const std::lock_guard<std::mutex> lock(holders.mutex);
  if (--holders.count == 0 && holders.decays.are_there()) {
    holders.decays.PutBack();
  }
}

}  // namespace atelier::engine
