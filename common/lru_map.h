// What a cache of a bounded size keeps, and in which order it lets it go.
//
//   LruMap<std::shared_ptr<const Image>> kept;
//   if (auto* image = kept.Find(key)) return *image;
//   kept.MakeRoom(bytes, max_bytes);
//   kept.Add(key, image, bytes);
#ifndef ATELIER_COMMON_LRU_MAP_H_
#define ATELIER_COMMON_LRU_MAP_H_

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace atelier {

/// Values by key, from the least to the most recently used, and the sum of
/// their sizes. Thread-compatible.
template <typename Value>
class LruMap {
 public:
  struct Entry {
    std::string key;
    Value value;
    int64_t size_bytes;
  };
  using Entries = std::list<Entry>;

  /// The value, now the most recently used; null where there is none.
  Value* Find(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.end(), entries_, found->second);
    return &found->second->value;
  }

  /// Keeps what is there under the key, if anything is: equal keys mean equal
  /// values.
  void Add(const std::string& key, Value value, int64_t size_bytes) {
    if (Find(key) != nullptr) return;
    by_key_[key] =
        entries_.insert(entries_.end(), {key, std::move(value), size_bytes});
    size_bytes_ += size_bytes;
  }

  void Erase(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    size_bytes_ -= found->second->size_bytes;
    entries_.erase(found->second);
    by_key_.erase(found);
  }

  /// Lets the least recently used go until `more_bytes` have room.
  void MakeRoom(int64_t more_bytes, int64_t max_bytes) {
    while (!entries_.empty() && size_bytes_ + more_bytes > max_bytes) {
      // By value: Erase destroys the entry that holds the key.
      Erase(std::string(entries_.front().key));
    }
  }

  void Clear() { *this = LruMap(); }

  /// The least recently used first.
  const Entries& entries() const { return entries_; }
  int64_t size_bytes() const { return size_bytes_; }

 private:
  Entries entries_;
  std::map<std::string, typename Entries::iterator> by_key_;
  int64_t size_bytes_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_LRU_MAP_H_
