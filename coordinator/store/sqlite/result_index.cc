#include "coordinator/store/sqlite/result_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr size_t kRenderCharacters = 16;
constexpr size_t kProfileCharacters = 8;

// So that a run is merged before the next is full.
constexpr size_t kMergedForEachAdded = 2;

constexpr char kLog[] =
    "INSERT INTO new_results (sequence, render, arithmetic, job, task_index) "
    "VALUES (:sequence, :render, :arithmetic, :job, :task_index)";

constexpr char kMerge[] =
    "INSERT OR REPLACE INTO results (render, arithmetic, job, task_index) "
    "VALUES (:render, :arithmetic, :job, :task_index)";

constexpr char kForget[] =
    "DELETE FROM new_results WHERE sequence <= :sequence";

std::string FindByKeys(size_t count) {
  std::string rows;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&rows, i == 0 ? "" : ", ", "(:k", i, ")");
  }
  return absl::StrCat("WITH asked (render) AS (VALUES ", rows,
                      ") SELECT results.render, arithmetic, job, task_index "
                      "FROM asked CROSS JOIN results USING (render)");
}

}  // namespace

ResultIndex::ResultIndex(soci::session& sql, SqlInt run)
    : sql_(sql),
      run_(run),
      log_((sql.prepare << kLog, soci::use(sequence_), soci::use(name_.render),
            soci::use(name_.arithmetic), soci::use(place_.job),
            soci::use(place_.task_index))),
      merge_((sql.prepare << kMerge, soci::use(name_.render),
              soci::use(name_.arithmetic), soci::use(place_.job),
              soci::use(place_.task_index))),
      forget_((sql.prepare << kForget, soci::use(sequence_))),
      find_(sql),
      row_(sql,
           "WHERE job_id = (SELECT job_id FROM jobs WHERE sequence = :job) "
           "AND task_index = :task_index",
           [this](soci::statement& select) {
             select.exchange(soci::use(place_.job));
             select.exchange(soci::use(place_.task_index));
           }) {
  for (const std::string& key : asked_) find_.exchange(soci::use(key));
  find_.exchange(soci::into(found_name_.render));
  find_.exchange(soci::into(found_name_.arithmetic));
  find_.exchange(soci::into(found_place_.job));
  find_.exchange(soci::into(found_place_.task_index));
  find_.alloc();
  find_.prepare(FindByKeys(asked_.size()));
  find_.define_and_bind();
  ReadLog();
}

void ResultIndex::ReadLog() {
  soci::statement all =
      (sql_.prepare << "SELECT sequence, render, arithmetic, job, task_index "
                       "FROM new_results ORDER BY sequence",
       soci::into(young_sequence_), soci::into(name_.render),
       soci::into(name_.arithmetic), soci::into(place_.job),
       soci::into(place_.task_index));
  all.execute();
  while (all.fetch()) {
    if (young_.empty()) old_sequence_ = young_sequence_ - 1;
    young_[name_] = place_;
  }
}

ResultIndex::Name ResultIndex::NameOf(const RenderKey& render,
                                      const Arithmetic& arithmetic) {
  return {render.value().substr(0, kRenderCharacters),
          absl::StrCat(arithmetic.engine_version, " ",
                       arithmetic.profile.substr(0, kProfileCharacters))};
}

void ResultIndex::Add(const RenderKey& render, const Arithmetic& arithmetic,
                      SqlInt job, SqlInt task_index) {
  name_ = NameOf(render, arithmetic);
  place_ = {job, task_index};
  added_.emplace_back(name_, place_);
  sequence_ = young_sequence_ + static_cast<SqlInt>(added_.size());
  log_.execute(/*withDataExchange=*/true);
}

void ResultIndex::Merge() {
  merging_ = merged_;
  if (added_.empty() || old_.empty()) return;
  size_t left = kMergedForEachAdded * added_.size();
  for (; left > 0 && merging_ != old_.end(); --left, ++merging_) {
    std::tie(name_, place_) = *merging_;
    merge_.execute(/*withDataExchange=*/true);
  }
  if (merging_ != old_.end()) return;
  sequence_ = old_sequence_;
  forget_.execute(/*withDataExchange=*/true);
}

void ResultIndex::Committed() {
  for (auto& [name, place] : added_) young_[name] = place;
  young_sequence_ += static_cast<SqlInt>(added_.size());
  added_.clear();
  merged_ = merging_;
  if (merged_ != old_.end()) return;
  old_.clear();
  if (young_sequence_ - old_sequence_ >= run_) {
    old_.swap(young_);
    old_sequence_ = young_sequence_;
  }
  merged_ = old_.begin();
}

void ResultIndex::RolledBack() { added_.clear(); }

std::vector<StoredResult> ResultIndex::Find(const std::set<RenderKey>& keys) {
  std::vector<std::string> renders;
  for (const RenderKey& key : keys)
    renders.push_back(NameOf(key, Arithmetic()).render);
  Places found;
  FindMerged(renders, found);
  for (const Places* later : {&old_, &young_}) {
    for (const std::string& render : renders) {
      for (auto one = later->lower_bound({render, ""});
           one != later->end() && one->first.render == render; ++one) {
        found[one->first] = one->second;
      }
    }
  }
  std::vector<StoredResult> results;
  for (const auto& [name, place] : found) {
    place_ = place;
    for (TaskRecord& row : row_.Run()) {
      // Others may begin with the same characters.
      if (keys.count(row.token.render_key) == 0) continue;
      if (!row.result.has_value()) continue;  // It is being repaired.
      results.push_back({row.token.render_key, *std::move(row.result)});
    }
  }
  return results;
}

void ResultIndex::FindMerged(const std::vector<std::string>& renders,
                             Places& found) {
  for (auto render = renders.begin(); render != renders.end();) {
    for (std::string& asked : asked_) {
      asked = render != renders.end() ? *render++ : std::string();
    }
    find_.execute();
    while (find_.fetch()) found[found_name_] = found_place_;
  }
}

}  // namespace atelier
