#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/cli/session.h"
#include "client/lib/client.h"
#include "client/lib/recorded_render.h"
#include "client/lib/rerun.h"
#include "common/cli/command_line.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr char kRerunHelp[] =
    "  atelier rerun out.png\n"
    "  atelier rerun out/results.json --task 3 --output again.png\n"
    "  atelier rerun out.png --content photos/harbour.jpg --style waves.png\n"
    "\n"
    "The inputs are found by their digests: among the files that are given,\n"
    "beside RESULT, and with the coordinator. Exit code 0 says that the bytes\n"
    "are the same, or all losses within 1e-3 of those recorded; 1 that they\n"
    "are not.\n";

// Other jobs are asked for what they know of an input.
constexpr int kMaxJobsAsked = 1000;

struct RerunArguments {
  std::string result;
  std::string task;
  std::string output;
  bool force = false;
  int workers = 1;
  SchedulingFlags scheduling;
  // The parameter's name, and the file that is given for it.
  std::vector<std::pair<std::string, std::string>> files;
};

std::string FolderOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

// The output, or by default a name beside the result.
absl::StatusOr<std::string> OutputOf(const RerunArguments& arguments,
                                     const RecordedRender& record) {
  std::string output = arguments.output;
  if (output.empty()) {
    output = (std::filesystem::path(FolderOf(arguments.result)) /
              absl::StrCat(record.stem, "-rerun.png"))
                 .string();
  }
  std::error_code unknown;
  if (!arguments.force && std::filesystem::is_regular_file(output, unknown)) {
    return InvalidArgument("output: ", output,
                           ": is there already; name another file, or replace "
                           "it with --force");
  }
  return output;
}

absl::Status FindInputs(Session& session, const RerunArguments& arguments,
                        RerunInputs& inputs) {
  for (const auto& [parameter, path] : arguments.files) {
    RETURN_IF_ERROR(inputs.AddGiven(parameter, path));
  }
  inputs.LookAround(FolderOf(arguments.result));
  const std::vector<std::string> lacking = inputs.Lacking();
  if (lacking.empty() || session.HasCoordinator()) return absl::OkStatus();
  return inputs.NotAtHand(lacking);
}

// What is not here may be with the coordinator.
absl::Status AskCoordinator(Client& client, RerunInputs& inputs) {
  const std::vector<std::string> lacking = inputs.Lacking();
  if (lacking.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                   client.FindMissing(lacking));
  if (!missing.empty()) return inputs.NotAtHand(missing);
  if (!inputs.HasUndescribed()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<v1::Job> jobs,
                   client.ListJobs(kMaxJobsAsked));
  for (const v1::Job& job : jobs) {
    inputs.AddDescriptions(job.spec());
    if (!inputs.HasUndescribed()) return absl::OkStatus();
  }
  return inputs.NotAtHand(lacking);
}

absl::Status Report(Session& session, const v1::Job& job, const v1::Task& task,
                    const std::string& output, const RecordedRender& record) {
  const RerunComparison comparison = CompareWithRecorded(record, task.result());
  if (session.flags.json) {
    session.out() << JsonObject()
                         .Add("job_id", job.job_id())
                         .Add("output", output)
                         .Add("same_bytes", comparison.same_bytes)
                         .Add("losses_differ", comparison.losses_differ)
                         .Add("comparison", comparison.text)
                         .Add(ToJson(task))
                         .Line();
  } else {
    session.Tell(absl::StrCat(output, ": ", comparison.text));
  }
  if (comparison.IsGood()) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      "the result is not shown to be the same: ", comparison.text));
}

absl::Status Rerun(Session& session, const RerunArguments& arguments) {
  RETURN_IF_ERROR(session.CheckFlags());
  ASSIGN_OR_RETURN(const RecordedRender record,
                   ReadRecorded(arguments.result, arguments.task));
  ASSIGN_OR_RETURN(const std::string output, OutputOf(arguments, record));
  ASSIGN_OR_RETURN(const std::string format,
                   CheckPictureOutput(output, record.patch.bits.value_or(
                                                  RenderParams().bits)));
  InputFiles files;
  RerunInputs inputs(record, files);
  RETURN_IF_ERROR(FindInputs(session, arguments, inputs));
  ASSIGN_OR_RETURN(Client* const client,
                   session.ConnectOrStart(arguments.workers));
  RETURN_IF_ERROR(AskCoordinator(*client, inputs));
  ASSIGN_OR_RETURN(PreparedJob prepared, inputs.Prepare());
  WarnOf(session, prepared);
  prepared.spec.set_name(ShortenedText(
      std::filesystem::path(output).stem().string(), kMaxJobNameCharacters));
  arguments.scheduling.Apply(prepared.spec);
  ASSIGN_OR_RETURN(v1::Job job, client->Submit(prepared));
  ASSIGN_OR_RETURN(job, Follow(session, *client, job.job_id()));
  RETURN_IF_ERROR(Verdict(job));
  return client->ForEachTask(job.job_id(), [&](const v1::Task& task) {
    RETURN_IF_ERROR(WritePicture(*client, job.job_id(), task, output, format));
    return Report(session, job, task, output, record);
  });
}

void AddFileFlags(Command& command,
                  const std::shared_ptr<RerunArguments>& arguments) {
  const auto add = [&](const std::string& name, const std::string& type,
                       const std::string& help) {
    return command
        .AddOption(
            Flag(*FindParameter(name)),
            [arguments, name](const std::string& file) {
              arguments->files.emplace_back(name, file);
            },
            help)
        .Type(type)
        .Group("Inputs");
  };
  add("content", "FILE", "The content, where it is elsewhere").Once();
  add("style", "FILE", "A style; give the flag again for another");
  add("style_mask", "FILE", "A mask of a style; the same");
  add("style_region", "FILE", "A region of a style; the same");
  add("init", "FILE", "The picture that it starts from").Once();
  add("weights", "NAME|FILE", "The network; else that of the result").Once();
}

}  // namespace

void AddRerunCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<RerunArguments>();
  Command& command =
      app.AddCommand("rerun",
                     "Render a result again, and say whether it is the same")
          .Group("Make");
  command
      .AddOption("result", arguments->result,
                 "Picture that Atelier made (PNG), or results.json")
      .Type("FILE")
      .Required();
  command
      .AddOption("--task", arguments->task,
                 "Of a results.json: the task's index, or its labels joined "
                 "by commas")
      .Type("TASK");
  command
      .AddOption("-o,--output", arguments->output,
                 "Picture to write; else RESULT's name with -rerun")
      .Type("FILE");
  command.AddFlag("--force", arguments->force, "Replace the output");
  AddFileFlags(command, arguments);
  arguments->scheduling.AddTo(command);
  AddWorkersFlag(command, arguments->workers);
  AddCommonFlags(command, session, kRerunHelp);
  command.SetAction(
      [&session, arguments] { return Rerun(session, *arguments); });
}

}  // namespace atelier
