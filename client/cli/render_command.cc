#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/cli/time_spent.h"
#include "client/lib/client.h"
#include "common/cli/parameter_flags.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

struct RenderArguments {
  ParameterFlags parameters;
  SchedulingFlags scheduling;
  std::string output;
  int workers = 1;
  bool timings = false;
};

int BitsOf(const RenderPatch& patch) {
  return patch.bits.value_or(RenderParams().bits);
}

void PrintResult(Session& session, const v1::Job& job, const v1::Task& task,
                 const RenderArguments& arguments, const TimeSpent& spent) {
  const std::string& output = arguments.output;
  if (session.flags.json) {
    JsonObject json;
    json.Add("job_id", job.job_id()).Add("output", output).Add(ToJson(task));
    if (arguments.timings) json.Add("time_spent", spent.Json());
    session.out() << json.Line();
  } else {
    session.Tell(absl::StrCat(output, ": total loss ",
                              task.result().losses().total(), " after ",
                              task.result().iterations(), " iterations"));
    if (arguments.timings) session.out() << spent.Text();
  }
}

absl::Status Run(Session& session, const RenderArguments& arguments) {
  TimeSpent spent(session.environment().clock);
  RETURN_IF_ERROR(session.CheckFlags());
  JobDraft draft;
  draft.name =
      ShortenedText(std::filesystem::path(arguments.output).stem().string(),
                    kMaxJobNameCharacters);
  ASSIGN_OR_RETURN(draft.base.patch, arguments.parameters.Parse());
  arguments.scheduling.Apply(draft);
  ASSIGN_OR_RETURN(
      const std::string format,
      CheckPictureOutput(arguments.output, BitsOf(draft.base.patch)));
  InputFiles files;
  ASSIGN_OR_RETURN(const PreparedJob prepared,
                   PrepareAndWarn(session, draft, files));
  spent.Add("reading");
  ASSIGN_OR_RETURN(Client* const client,
                   session.ConnectOrStart(arguments.workers));
  spent.Add("starting");
  ASSIGN_OR_RETURN(v1::Job job, client->Submit(prepared));
  spent.Add("submitting");
  ASSIGN_OR_RETURN(job, Follow(session, *client, job.job_id()));
  RETURN_IF_ERROR(Verdict(job));
  return client->ForEachTask(job.job_id(), [&](const v1::Task& task) {
    spent.AddTask(task);
    RETURN_IF_ERROR(
        WritePicture(*client, job.job_id(), task, arguments.output, format));
    spent.Add("fetching");
    PrintResult(session, job, task, arguments, spent);
    return absl::OkStatus();
  });
}

}  // namespace

void AddRenderCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<RenderArguments>();
  Command& command =
      app.AddCommand("render", "Render one picture and write it to a file")
          .Group("Make");
  arguments->parameters.AddTo(command, {"content"});
  arguments->scheduling.AddTo(command);
  command
      .AddOption("-o,--output", arguments->output,
                 "Picture to write: .png, .jpg, .tif or .webp")
      .Type("FILE")
      .Required();
  AddWorkersFlag(command, arguments->workers);
  command.AddFlag("--timings", arguments->timings,
                  "Print where the time went, step by step");
  AddCommonFlags(
      command, session,
      "  atelier render --content A.jpg --style B.jpg --output out.png\n"
      "  atelier render --content A.jpg --style B.jpg --output out.jpg \\\n"
      "      --size 768 --iterations 500 --style-weight 1e5\n"
      "  atelier render --content A.jpg --style B.jpg --style C.jpg \\\n"
      "      --style-blend 2,1 --colors original --output out.png\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
