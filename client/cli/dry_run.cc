#include "client/cli/dry_run.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/json.h"
#include "client/cli/session.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "client/lib/outlook.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kRowsShown = 50;

// One job, looked at.
struct Looked {
  const PreparedJob* job = nullptr;
  Outlook outlook;
  OutlookSums sums;
  std::optional<int> workers;  // That fit; absent without a coordinator.
  int64_t to_upload = 0;
  int64_t gone = 0;  // Inputs that are not at hand here either.
};

double SecondsOf(const v1::TaskPreview& task) {
  return static_cast<double>(task.device_time().seconds()) +
         task.device_time().nanos() * 1e-9;
}

absl::Status Explained(const absl::Status& status) {
  if (!absl::IsUnimplemented(status)) return status;
  return absl::FailedPreconditionError(
      "--dry-run: the coordinator is too old to tell; update it");
}

absl::StatusOr<Looked> Look(Client* client, const PreparedJob& job) {
  Looked looked;
  looked.job = &job;
  if (client == nullptr) {
    ASSIGN_OR_RETURN(looked.outlook, LookAheadAlone(job.spec));
  } else {
    absl::StatusOr<Outlook> outlook = LookAhead(*client, job.spec);
    if (!outlook.ok()) return Explained(outlook.status());
    looked.outlook = *std::move(outlook);
    ASSIGN_OR_RETURN(const std::vector<v1::Worker> workers,
                     client->ListWorkers());
    looked.workers = FittingWorkers(job.spec, workers);
  }
  looked.sums = SumsOf(looked.outlook);
  std::set<std::string> missing = looked.outlook.missing_digests;
  looked.gone = static_cast<int64_t>(missing.size());
  for (const PreparedInput& input : job.inputs) {
    if (client == nullptr || missing.erase(input.digest) > 0) {
      ++looked.to_upload;
    }
  }
  looked.gone = static_cast<int64_t>(missing.size());
  return looked;
}

std::string Counted(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// "about 14m of device time (2 workers connected: about 7m)"
std::string TimeText(const Looked& looked) {
  const OutlookSums& sums = looked.sums;
  if (sums.to_render == 0) return "no device time";
  if (!looked.workers.has_value()) {
    return "device time not known, as no coordinator is named";
  }
  std::string workers =
      *looked.workers == 0
          ? "no worker that fits is connected"
          : absl::StrCat(Counted(*looked.workers, "worker"), " connected");
  if (sums.without_time == sums.to_render) {
    return absl::StrCat(
        "device time not known, as nothing like it was rendered (", workers,
        ")");
  }
  if (*looked.workers > 0) {
    absl::StrAppend(&workers, ": about ",
                    AboutText(TimeOf(looked.job->spec, sums, *looked.workers)));
  }
  return absl::StrCat("about ", AboutText(sums.device_time), " of device time",
                      sums.without_time == 0
                          ? ""
                          : absl::StrCat(" without ", sums.without_time,
                                         " of which nothing is known"),
                      " (", workers, ")");
}

// Device time for all tasks of a job of which a part was looked at.
std::optional<absl::Duration> Scaled(const Looked& looked) {
  const OutlookSums& sums = looked.sums;
  if (sums.without_time > 0) return std::nullopt;
  return sums.device_time * (static_cast<double>(looked.outlook.task_count) /
                             static_cast<double>(sums.looked_at));
}

std::string SummaryOf(const Looked& looked) {
  const OutlookSums& sums = looked.sums;
  const int64_t all = looked.outlook.task_count;
  std::string text = Counted(all, "task");
  if (sums.looked_at < all) {
    absl::StrAppend(&text, ", of which ", sums.looked_at,
                    ", spread over all, were looked at");
  }
  absl::StrAppend(&text, ": ", sums.have_result,
                  sums.have_result == 1 ? " has" : " have", " a result, ",
                  sums.to_render, " to render, ", TimeText(looked));
  if (const auto time = Scaled(looked);
      sums.looked_at < all && time.has_value()) {
    absl::StrAppend(&text, "; about ", AboutText(*time), " for all");
  }
  return text;
}

void PrintTable(Session& session, const Looked& looked) {
  const v1::JobSpec& spec = looked.job->spec;
  std::vector<std::string> header = {"TASK"};
  for (const v1::Axis& axis : spec.axes()) {
    header.push_back(absl::AsciiStrToUpper(axis.name()));
  }
  header.insert(header.end(), {"RESULT", "TIME"});
  Table table(std::move(header));
  const auto& tasks = looked.outlook.tasks;
  for (size_t i = 0; i < std::min(tasks.size(), kRowsShown); ++i) {
    const v1::TaskPreview& task = tasks[i];
    std::vector<std::string> row = {absl::StrCat(task.index())};
    row.insert(row.end(), task.labels().begin(), task.labels().end());
    row.emplace_back(task.has_result() ? "cached" : "to render");
    row.push_back(task.has_result() || !task.has_device_time()
                      ? "-"
                      : AboutText(absl::Seconds(SecondsOf(task))));
    table.Add(std::move(row));
  }
  session.out() << table.TakeText();
  const auto shown = static_cast<int64_t>(std::min(tasks.size(), kRowsShown));
  if (looked.outlook.task_count > shown) {
    session.out() << "... and " << looked.outlook.task_count - shown
                  << " more\n";
  }
}

void PrintText(Session& session, const Looked& looked, bool is_one_of_many) {
  if (is_one_of_many) {
    session.out() << EscapedText(looked.job->spec.name()) << "\n";
  }
  PrintTable(session, looked);
  session.out() << SummaryOf(looked) << "\n";
  if (looked.to_upload > 0) {
    session.out() << Counted(looked.to_upload, "input")
                  << " would be uploaded\n";
  }
  if (is_one_of_many) session.out() << "\n";
}

JsonObject PreviewJson(const v1::TaskPreview& task) {
  return JsonObject()
      .Add("index", task.index())
      .Add("labels",
           std::vector<std::string>(task.labels().begin(), task.labels().end()))
      .Add("has_result", task.has_result())
      .Add("device_seconds", task.has_device_time()
                                 ? std::optional(SecondsOf(task))
                                 : std::nullopt);
}

JsonObject LookedJson(const Looked& looked) {
  const v1::JobSpec& spec = looked.job->spec;
  const OutlookSums& sums = looked.sums;
  const bool knows_some = sums.without_time < sums.to_render;
  std::vector<std::string> axes;
  for (const v1::Axis& axis : spec.axes()) axes.push_back(axis.name());
  std::vector<JsonObject> tasks;
  for (const v1::TaskPreview& task : looked.outlook.tasks) {
    tasks.push_back(PreviewJson(task));
  }
  const auto seconds = [&](bool known, absl::Duration time) {
    return known ? std::optional(absl::ToDoubleSeconds(time)) : std::nullopt;
  };
  const int workers = looked.workers.value_or(0);
  return JsonObject()
      .Add("dry_run", true)
      .Add("name", spec.name())
      .Add("study", spec.study())
      .Add("task_count", looked.outlook.task_count)
      .Add("looked_at", sums.looked_at)
      .Add("have_result", sums.have_result)
      .Add("to_render", sums.to_render)
      .Add("without_time", sums.without_time)
      .Add("device_seconds",
           seconds(knows_some || sums.to_render == 0, sums.device_time))
      .Add("workers", looked.workers)
      .Add("seconds", seconds(knows_some && workers > 0,
                              TimeOf(spec, sums, std::max(workers, 1))))
      .Add("inputs_to_upload", looked.to_upload)
      .Add("inputs_missing", looked.gone)
      .Add("axes", axes)
      .Add("tasks", tasks);
}

// Of all jobs together.
std::string TotalOf(const std::vector<Looked>& all) {
  int64_t tasks = 0;
  OutlookSums total;
  for (const Looked& looked : all) {
    tasks += looked.outlook.task_count;
    total.have_result += looked.sums.have_result;
    total.to_render += looked.sums.to_render;
    total.without_time += looked.sums.without_time;
    total.device_time += looked.sums.device_time;
  }
  std::string text =
      absl::StrCat(Counted(static_cast<int64_t>(all.size()), "job"), ", ",
                   Counted(tasks, "task"), ": ", total.have_result,
                   " have a result, ", total.to_render, " to render");
  if (total.without_time < total.to_render) {
    absl::StrAppend(&text, ", about ", AboutText(total.device_time),
                    " of device time");
    if (total.without_time > 0) {
      absl::StrAppend(&text, " without ", total.without_time,
                      " of which nothing is known");
    }
  }
  return text;
}

}  // namespace

std::string AboutText(absl::Duration time) {
  const double seconds = absl::ToDoubleSeconds(time);
  if (seconds < 9.95) return absl::StrFormat("%.1fs", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return absl::StrCat(whole, "s");
  const int64_t minutes = std::llround(seconds / 60);
  if (minutes < 60) return absl::StrCat(minutes, "m");
  const auto two = [](int64_t large, const char* unit, int64_t small,
                      const char* small_unit) {
    return absl::StrCat(large, unit,
                        small == 0 ? "" : absl::StrCat(small, small_unit));
  };
  if (minutes < 24 * 60) return two(minutes / 60, "h", minutes % 60, "m");
  const int64_t hours = std::llround(seconds / 3600);
  return two(hours / 24, "d", hours % 24, "h");
}

void AddDryRunFlag(Command& command, bool& dry_run) {
  command.AddFlag("--dry-run", dry_run,
                  "Submit nothing: print the tasks, which of them have a "
                  "result, and the device time to expect");
}

absl::Status DryRun(Session& session, Client* client,
                    const std::vector<const PreparedJob*>& jobs) {
  std::vector<Looked> all;
  for (const PreparedJob* job : jobs) {
    ASSIGN_OR_RETURN(all.emplace_back(), Look(client, *job));
  }
  const bool is_many = all.size() > 1;
  for (const Looked& looked : all) {
    if (session.flags.json) {
      session.out() << LookedJson(looked).Line();
    } else {
      PrintText(session, looked, is_many);
    }
    if (looked.gone > 0) {
      session.Warn(absl::StrCat(
          "warning: inputs that neither the coordinator nor this machine has: ",
          looked.gone, "; a submit would be refused"));
    }
  }
  if (is_many && !session.flags.json) session.out() << TotalOf(all) << "\n";
  session.out() << std::flush;
  return absl::OkStatus();
}

}  // namespace atelier
