#include "coordinator/state/checkpoint_index.h"

#include <algorithm>
#include <iterator>

namespace atelier {
namespace {

int64_t Weight(const CheckpointRecord& record) {
  return std::max(record.size_bytes, CheckpointIndex::kLeastBytes);
}

}  // namespace

CheckpointIndex::Change CheckpointIndex::Restore(
    std::vector<CheckpointRecord> stored) {
  checkpoints_.clear();
  by_age_.clear();
  uses_.clear();
  bytes_ = 0;
  for (CheckpointRecord& record : stored) Add(std::move(record));
  Change change;
  MakeRoom(0, change);
  return change;
}

CheckpointIndex::Change CheckpointIndex::Keep(CheckpointRecord made,
                                              int useless) {
  Change change;
  if (Weight(made) > most_bytes_) return change;
  const auto same =
      checkpoints_.find({made.render, made.arithmetic, made.iteration});
  if (same != checkpoints_.end() && same->second.record.digest == made.digest) {
    return change;
  }
  const int up_to = std::max(made.iteration, useless);
  std::vector<Name> superseded;
  for (auto it = checkpoints_.lower_bound({made.render, made.arithmetic, 0});
       it != checkpoints_.end() &&
       it->first <= Name{made.render, made.arithmetic, up_to};
       ++it) {
    superseded.push_back(it->first);
  }
  for (const Name& name : superseded) Remove(name, change);
  MakeRoom(Weight(made), change);
  Add(made);
  // One of the same bytes may have gone to make room.
  change.unused.erase(
      std::remove(change.unused.begin(), change.unused.end(), made.digest),
      change.unused.end());
  change.put = std::move(made);
  return change;
}

CheckpointIndex::Change CheckpointIndex::Shed(int64_t bytes) {
  Change change;
  const int64_t most_left = bytes_ - bytes;
  while (!checkpoints_.empty() && bytes_ > most_left) {
    const Name oldest = by_age_.begin()->second;
    Remove(oldest, change);
  }
  return change;
}

const CheckpointRecord* CheckpointIndex::Find(const ResumeKey& render,
                                              const Arithmetic& arithmetic,
                                              int iterations) const {
  const auto after = checkpoints_.upper_bound({render, arithmetic, iterations});
  if (after == checkpoints_.begin()) return nullptr;
  const CheckpointRecord& record = std::prev(after)->second.record;
  const bool found = record.render == render && record.arithmetic == arithmetic;
  return found ? &record : nullptr;
}

void CheckpointIndex::Add(CheckpointRecord record) {
  Name name{record.render, record.arithmetic, record.iteration};
  bytes_ += Weight(record);
  ++uses_[record.digest];
  by_age_.emplace(++last_age_, name);
  checkpoints_.emplace(std::move(name), Entry{std::move(record), last_age_});
}

void CheckpointIndex::Remove(const Name& name, Change& change) {
  Entry entry = std::move(checkpoints_.extract(name).mapped());
  by_age_.erase(entry.age);
  bytes_ -= Weight(entry.record);
  const auto uses = uses_.find(entry.record.digest);
  if (--uses->second == 0) {
    uses_.erase(uses);
    change.unused.push_back(entry.record.digest);
  }
  change.drop.push_back(std::move(entry.record));
}

void CheckpointIndex::MakeRoom(int64_t bytes, Change& change) {
  while (!checkpoints_.empty() && bytes_ + bytes > most_bytes_) {
    const Name oldest = by_age_.begin()->second;
    Remove(oldest, change);
  }
}

bool CheckpointIndex::Names(const ResumeKey& render,
                            const std::string& digest) const {
  for (auto one = checkpoints_.lower_bound({render, Arithmetic(), 0});
       one != checkpoints_.end() && std::get<0>(one->first) == render; ++one) {
    if (one->second.record.digest == digest) return true;
  }
  return false;
}

}  // namespace atelier
