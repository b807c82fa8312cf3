#include "coordinator/api/views/task_numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "atelier/v1/jobs.pb.h"
#include "common/render/losses.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/control/ratings.h"

namespace atelier {
namespace {

constexpr int kRowsAtOnce = 1000;
// Some 10 bytes each in the answer.
constexpr size_t kMaxNumbers = 600'000;
constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

// What people gave, beside what was measured.
constexpr char kStars[] = "stars";
constexpr char kWorstShare[] = "worst_share";

absl::StatusOr<int> CheckedSize(const NumbersQuery& query) {
  RETURN_IF_ERROR(CheckJobId(query.job_id));
  if (query.first_index < 0) {
    return InvalidArgument("first_index: ", query.first_index,
                           " is not allowed; from 0");
  }
  if (query.page_size == 0) return kMaxNumbersPage;
  if (query.page_size >= 1 && query.page_size <= kMaxNumbersPage) {
    return query.page_size;
  }
  return InvalidArgument("page_size: ", query.page_size,
                         " is not allowed; from 0 to ", kMaxNumbersPage);
}

char Letter(TaskState state) {
  switch (state) {
    case TaskState::kQueued:
      return 'q';
    case TaskState::kLeased:
      return 'l';
    case TaskState::kSucceeded:
      return 's';
    case TaskState::kFailed:
      return 'f';
    case TaskState::kCancelled:
      return 'c';
  }
  return 'q';
}

class Columns {
 public:
  explicit Columns(std::map<std::string, std::vector<double>>& columns)
      : columns_(columns) {}

  // The numbers of the task at `place`.
  void Add(size_t place, const TaskResult& result) {
    place_ = place;
    for (const auto& [term, loss] : result.losses.terms) {
      Set(LossColumn(term), loss);
    }
    Set("total_loss", result.losses.total);
    Set("iterations_done", result.iterations);
    Set("seconds", absl::ToDoubleSeconds(result.elapsed));
    v1::Measures measures;
    // Damaged: as if it had not been measured.
    if (!measures.ParseFromString(result.measures)) return;
    for (const auto& [name, value] : measures.values()) {
      if (name != kStars && name != kWorstShare) Set(name, value);
    }
    if (measures.has_iteration_time()) {
      const auto& time = measures.iteration_time();
      Set("seconds_per_iteration",
          static_cast<double>(time.seconds()) + 1e-9 * time.nanos());
    }
    if (measures.peak_memory_bytes() > 0) {
      Set("peak_memory_bytes",
          static_cast<double>(measures.peak_memory_bytes()));
    }
  }

  void Add(size_t place, const TaskRating& rating) {
    place_ = place;
    const auto share = [](int64_t part, int64_t whole) {
      return whole == 0
                 ? kAbsent
                 : static_cast<double>(part) / static_cast<double>(whole);
    };
    Set(kStars, share(rating.star_sum, rating.people));
    Set(kWorstShare, share(rating.times_worst, rating.times_shown));
  }

  void Resize(size_t size) {
    for (auto& [name, values] : columns_) values.resize(size, kAbsent);
  }

 private:
  static constexpr size_t kMostColumns = 256;

  void Set(const std::string& name, double value) {
    if (!std::isfinite(value)) return;
    // Names are the workers': what is beyond any that there are is left out.
    const auto found = columns_.find(name);
    if (found == columns_.end() && columns_.size() >= kMostColumns) return;
    std::vector<double>& values = columns_[name];
    values.resize(std::max(values.size(), place_ + 1), kAbsent);
    values[place_] = value;
  }

  std::map<std::string, std::vector<double>>& columns_;
  size_t place_ = 0;
};

void AppendQuoted(const std::string& text, std::string& json) {
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&json, "\\", std::string(1, c));
    } else if (byte < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", byte);
    } else {
      json += c;
    }
  }
  json += '"';
}

}  // namespace

absl::StatusOr<TaskNumbers> ReadNumbers(ControlPlane& control,
                                        const Caller& caller,
                                        const NumbersQuery& query) {
  ASSIGN_OR_RETURN(const int size, CheckedSize(query));
  TaskNumbers numbers;
  numbers.first_index = query.first_index;
  Columns columns(numbers.columns);
  for (int read = 0; read < size;) {
    const int wanted = std::min(kRowsAtOnce, size - read);
    const int64_t first = query.first_index + read;
    ASSIGN_OR_RETURN(
        const Store::JobTasks stored,
        control.ListTaskRows(caller, JobId(query.job_id), first, wanted));
    numbers.task_count = stored.job.task_count;
    const int64_t count = std::clamp<int64_t>(
        stored.job.task_count - std::min(first, stored.job.task_count), 0,
        wanted);
    numbers.states.append(static_cast<size_t>(count),
                          Letter(StateOf(stored.job, nullptr)));
    for (const TaskRecord& row : stored.rows) {
      const auto place = static_cast<size_t>(row.id.index - query.first_index);
      if (place >= numbers.states.size()) break;
      const TaskState state = StateOf(stored.job, &row);
      numbers.states[place] = Letter(state);
      if (state == TaskState::kSucceeded && row.result.has_value()) {
        columns.Add(place, *row.result);
      }
    }
    read += wanted;
    if (count < wanted || first + count == stored.job.task_count) break;
    if (read == size ||
        numbers.columns.size() * static_cast<size_t>(read) > kMaxNumbers) {
      numbers.next_index = first + count;
      break;
    }
  }
  const auto count = static_cast<int64_t>(numbers.states.size());
  if (count > 0) {
    ASSIGN_OR_RETURN(const std::vector<TaskRating> ratings,
                     control.ratings().List(
                         caller, JobId(query.job_id), query.first_index,
                         query.first_index + count, static_cast<int>(count)));
    for (const TaskRating& one : ratings) {
      const auto place =
          static_cast<size_t>(one.task_index - query.first_index);
      if (numbers.states[place] == 's') columns.Add(place, one);
    }
  }
  columns.Resize(numbers.states.size());
  return numbers;
}

std::string ToJson(const TaskNumbers& numbers) {
  std::string json =
      absl::StrCat("{\"first_index\": ", numbers.first_index,
                   ", \"task_count\": ", numbers.task_count, ", \"states\": \"",
                   numbers.states, "\", \"columns\": {");
  bool is_first = true;
  for (const auto& [name, values] : numbers.columns) {
    absl::StrAppend(&json, is_first ? "" : ", ");
    is_first = false;
    AppendQuoted(name, json);
    json += ": [";
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) json += ',';
      if (std::isnan(values[i])) {
        json += "null";
      } else {
        absl::StrAppendFormat(&json, "%.9g", values[i]);
      }
    }
    json += ']';
  }
  json += '}';
  if (numbers.next_index.has_value()) {
    absl::StrAppend(&json, ", \"next_index\": ", *numbers.next_index);
  }
  json += '}';
  return json;
}

}  // namespace atelier
