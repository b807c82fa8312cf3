#include "client/cli/flags.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "client/cli/exit_code.h"
#include "client/lib/spec.h"
#include "common/field_error.h"
#include "common/render/measure.h"

namespace atelier {
namespace {

constexpr char kCommon[] = "Common";
constexpr char kMeasures[] = "Measures";
constexpr char kScheduling[] = "Scheduling";
constexpr int kMaxWorkers = 256;

}  // namespace

void AddOutputFlags(Command& command, Session& session,
                    const std::string& examples) {
  command
      .AddFlag("--json", session.flags.json,
               "Print JSON on standard output, for programs")
      .Group(kCommon);
  command
      .AddFlag("--quiet", session.flags.quiet,
               "No progress, no warnings, no summary")
      .Group(kCommon);
  command.SetFooter(
      absl::StrCat("Examples:\n", examples, "\n", kExitCodesHelp));
}

void AddCommonFlags(Command& command, Session& session,
                    const std::string& examples) {
  command
      .AddOption("--coordinator", session.flags.coordinator,
                 "Coordinator to talk to (or ATELIER_COORDINATOR), with TLS "
                 "but on loopback; grpcs://HOST:PORT is with TLS anywhere, "
                 "grpc://HOST:PORT without")
      .Type("HOST:PORT")
      .Group(kCommon);
  command
      .AddOption("--ca", session.flags.ca,
                 "PEM file of the authorities to trust in TLS (or ATELIER_CA); "
                 "else the system's")
      .Type("FILE")
      .Group(kCommon);
  command
      .AddOption("--token-file", session.flags.token_file,
                 "File with the token to show, of mode 0600 or 0400 (or "
                 "ATELIER_TOKEN, the token itself, or ATELIER_TOKEN_FILE); "
                 "else, on this machine, $XDG_CONFIG_HOME/atelier/token or "
                 "~/.config/atelier/token")
      .Type("FILE")
      .Group(kCommon);
  AddOutputFlags(command, session, examples);
}

void AddJobArgument(Command& command, std::string& job_id) {
  command.AddOption("job", job_id, "As 'atelier jobs' lists it")
      .Type("JOB")
      .Required();
}

void AddWorkersFlag(Command& command, int& workers) {
  command
      .AddOption("--workers", workers,
                 "Workers of the cluster that is started when no coordinator "
                 "is named")
      .Type("N")
      .Range(1, kMaxWorkers)
      .ShowDefault()
      .Group(kCommon);
}

void SchedulingFlags::AddTo(Command& command) {
  command
      .AddOption("--user", user_,
                 "Whose share of the cluster the job uses: [a-z0-9_-]; else "
                 "what a spec says, or the token's")
      .Type("NAME")
      .Group(kScheduling);
  command
      .AddOption("--priority", priority_,
                 "Among a user's jobs the highest goes first; above 0 only by "
                 "an admin; else what a spec says, or 0")
      .Range(-1000, 1000)
      .Type("N")
      .Group(kScheduling);
  command
      .AddOption("--profile", profile_,
                 "Only workers of this profile, and only their results, as "
                 "'atelier workers --json' shows it")
      .Type("DIGEST")
      .Group(kScheduling);
  command
      .AddFlag("--no-cache", no_cache_,
               "Render also what has been rendered before")
      .Group(kScheduling);
}

void SchedulingFlags::Apply(JobDraft& job) const {
  if (user_.has_value()) job.user = *user_;
  if (priority_.has_value()) job.priority = *priority_;
  if (profile_.has_value()) job.profile = *profile_;
  if (no_cache_) job.no_cache = true;
}

void SchedulingFlags::Apply(v1::JobSpec& job) const {
  if (user_.has_value()) job.set_user(*user_);
  if (priority_.has_value()) job.set_priority(*priority_);
  if (profile_.has_value()) job.set_profile(*profile_);
  if (no_cache_) job.set_no_cache(true);
}

void MeasureFlags::AddTo(Command& command) {
  command
      .AddOption("--measure-size", size_px_,
                 "Longer side to which pictures are resized to be measured; "
                 "256 when not given")
      .Range(kMinMeasureSizePx, kMaxMeasureSizePx)
      .Type("PX")
      .Group(kMeasures);
  command
      .AddOption("--measure-weights", weights_,
                 "Network that measures, as --weights takes it; the built-in "
                 "one when not given, whatever renders")
      .Type("NAME|FILE")
      .Group(kMeasures);
  command
      .AddOption(
          "--measure-pooling", pooling_,
          "Its pooling: max, avg or l2; the weight file's when not given")
      .Type("NAME")
      .Group(kMeasures);
  command
      .AddOption("--measure-preprocessing", preprocessing_,
                 "What it is fed; the weight file's when not given")
      .Type("NAME")
      .Group(kMeasures);
}

absl::Status MeasureFlags::Apply(JobDraft& job) const {
  if (size_px_.has_value()) job.measure.size_px = *size_px_;
  if (!weights_.empty()) job.measure.weights_digest = weights_;
  for (const auto& [field, name] :
       {std::pair("pooling", &pooling_),
        std::pair("preprocessing", &preprocessing_)}) {
    if (name->empty()) continue;
    const absl::Status chosen = ChooseMeasure(field, *name, job.measure);
    if (!chosen.ok()) {
      return RenamedField(chosen, absl::StrCat("--measure-", field));
    }
  }
  return absl::OkStatus();
}

}  // namespace atelier
