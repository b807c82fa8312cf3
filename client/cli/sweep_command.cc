#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/submission.h"
#include "client/cli/sweep_parameters.h"
#include "client/lib/spec.h"
#include "client/lib/sweep_flags.h"
#include "common/cli/command_line.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kSweepHelp[] =
    "  atelier sweep --content A.jpg --style B.jpg --init content,noise \\\n"
    "      --style-weight 1500,1800,2000 --wait --output out\n"
    "  atelier sweep --content 'photos/*.jpg' --style 'B.jpg;C.jpg' --seed "
    "0-3\n"
    "  atelier sweep --content A.jpg --style B.jpg --seed 0-9 --dry-run\n"
    "  atelier sweep --content A.jpg --style B.jpg --rows style_layers \\\n"
    "      --style-layers '{shallow: conv_1-5, deep: conv_5-7}' \\\n"
    "      --content-weight '{log: [1e3, 1e6], count: 4}'\n"
    "\n"
    "Values:\n"
    "  A flag with one value applies to every task; one with several is an\n"
    "  axis. Axes are in the order of their flags; the last changes fastest.\n"
    "  On the sheet the first goes down, the last across; others make blocks.\n"
    "  1500,1800              several values; a flag given again adds to them\n"
    "  'conv_1;conv_2,conv_3' layers and lists of styles, whose values may\n"
    "                         have commas: ';' between values\n"
    "  'photos/*.jpg'         files; the quotes keep the shell from it\n"
    "  0-3, 1-10:3            whole numbers\n"
    "  '{...}', '[...]'       YAML as under 'axes' of a spec: ranges, labels\n"
    "  --style, --style-mask and --style-region given again add files to one\n"
    "  value, as in 'atelier render'.\n";

struct SweepArguments {
  SweepFlags sweep;
  SubmissionFlags submission;
  bool print_spec = false;
};

void AddSweepFlags(Command& command, SweepArguments& arguments) {
  constexpr char kGroup[] = "Sweep";
  SweepFlags& sweep = arguments.sweep;
  command
      .AddOption("--rows", sweep.rows,
                 "The axis that comes first: the rows of the sheet; else the "
                 "one whose flag does")
      .Type("PARAMETER")
      .Group(kGroup);
  command
      .AddOption("--columns", sweep.columns,
                 "The axis that comes last: the columns of the sheet; else the "
                 "one whose flag does")
      .Type("PARAMETER")
      .Group(kGroup);
  command
      .AddFlag("--zip", sweep.zip,
               "Not every combination: the first values of all axes, then the "
               "second, ...")
      .Group(kGroup);
  command
      .AddOption("--sample", sweep.sample_count,
                 "Not every combination: so many of them, at least 1, drawn at "
                 "random; else all")
      .Type("N")
      .Group(kGroup);
  command
      .AddOption("--sample-seed", sweep.sample_seed,
                 "Which are drawn: a whole number, at least 0; else 0")
      .Type("N")
      .Group(kGroup);
  command
      .AddOption(
          "--exclude",
          [&sweep](const std::string& rule) { sweep.exclude.push_back(rule); },
          "Leave out what has all of these values, as '{seed: 3, init: "
          "noise}'; may be given again")
      .Type("RULE")
      .Group(kGroup);
  command
      .AddOption("--name", sweep.name,
                 "Of the job; else made of the axes' names")
      .Type("NAME")
      .Group(kGroup);
  command
      .AddFlag("--print-spec", arguments.print_spec,
               "Print the sweep as a spec for 'atelier submit' and submit "
               "nothing")
      .Group(kGroup);
}

absl::Status PrintSpec(Session& session, const SweepArguments& arguments) {
  if (arguments.submission.wait || !arguments.submission.output.empty()) {
    return InvalidArgument(
        "--print-spec: submits nothing; leave out --wait and --output");
  }
  if (arguments.submission.dry_run) {
    return InvalidArgument(
        "--print-spec: prints the spec alone; --dry-run was given, too");
  }
  ASSIGN_OR_RETURN(JobDraft draft, ReadSweep(arguments.sweep));
  arguments.submission.scheduling.Apply(draft);
  RETURN_IF_ERROR(arguments.submission.measure.Apply(draft));
  ASSIGN_OR_RETURN(const std::string spec, PrintSweep(arguments.sweep, draft));
  session.out() << spec << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddSweepCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<SweepArguments>();
  Command& command =
      app.AddCommand("sweep", "Submit a job of all combinations of values")
          .Group("Make");
  AddSweepParameters(command, arguments->sweep, /*needs_content=*/true);
  AddSweepFlags(command, *arguments);
  arguments->submission.AddTo(command);
  AddCommonFlags(command, session, kSweepHelp);
  command.SetAction([&session, &command, arguments] {
    SortAsGiven(command, arguments->sweep);
    if (arguments->print_spec) return PrintSpec(session, *arguments);
    return Submit(session, arguments->submission,
                  [&] { return ReadSweep(arguments->sweep); });
  });
}

}  // namespace atelier
