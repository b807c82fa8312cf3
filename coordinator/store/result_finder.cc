#include "coordinator/store/result_finder.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

std::string ByKeys(size_t count) {
  std::string parameters;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&parameters, i == 0 ? "" : ", ", "substr(:k", i,
                    ", 1, 16)");
  }
  return absl::StrCat(
      "WHERE (job_id, task_index) IN (SELECT job_id, task_index "
      "FROM results JOIN jobs ON jobs.sequence = results.job "
      "WHERE render IN (",
      parameters, "))");
}

}  // namespace

ResultFinder::ResultFinder(soci::session& sql)
    : query_(sql, ByKeys(asked_.size()), [this](soci::statement& select) {
        for (const std::string& key : asked_) {
          select.exchange(soci::use(key));
        }
      }) {}

std::vector<StoredResult> ResultFinder::Find(const std::set<RenderKey>& keys) {
  std::vector<StoredResult> results;
  for (auto key = keys.begin(); key != keys.end();) {
    for (std::string& asked : asked_) {
      asked = key != keys.end() ? (key++)->value() : std::string();
    }
    for (TaskRecord& row : query_.Run()) {
      // Others may begin with the same characters.
      if (keys.count(row.token.render_key) == 0) continue;
      results.push_back({row.token.render_key, *std::move(row.result)});
    }
  }
  return results;
}

}  // namespace atelier
