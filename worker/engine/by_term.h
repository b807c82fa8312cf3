// Values by the name of their term.
#ifndef ATELIER_WORKER_ENGINE_BY_TERM_H_
#define ATELIER_WORKER_ENGINE_BY_TERM_H_

#include <cassert>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace atelier::engine {

/// One value for each term, in the order of the registry (term_registry.h). A
/// handful: found one after the other.
/// Lifetime: names are the registry's.
template <typename Value>
class ByTerm {
 public:
  using Entry = std::pair<absl::string_view, Value>;

  ByTerm() = default;
  ByTerm(std::initializer_list<Entry> entries) : entries_(entries) {}

  void Add(absl::string_view name, Value value) {
    entries_.emplace_back(name, std::move(value));
  }
  /// Null where there is no such term.
  const Value* Find(absl::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.first == name) return &entry.second;
    }
    return nullptr;
  }
  /// REQUIRES: there is such a term.
  const Value& operator[](absl::string_view name) const {
    const Value* const found = Find(name);
    assert(found != nullptr);
    return *found;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BY_TERM_H_
