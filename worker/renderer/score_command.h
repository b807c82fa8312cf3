// `atelier-worker score`: the losses of a picture, without a coordinator.
//
//   ScoreOptions score;
//   const Command& command = AddScoreCommand(app, score);
//   ASSIGN_OR_RETURN(const bool go_on, app.Parse(arguments, std::cout));
//   if (command.IsChosen()) return RunScore(score, std::cout, std::cerr);
#ifndef ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_
#define ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "common/cli/parameter_flags.h"
#include "worker/renderer/score.h"

namespace atelier {

class Command;

/// The flags, as typed; an empty text was not given.
struct ScoreOptions {
  std::string image;
  ParameterFlags parameters;
  int size_px = 0;  ///< Longer side of every picture; 0 resizes nothing.
  std::string padding;
  std::string backend = "auto";
  std::string device = "cpu";
  int threads = 0;
  bool json = false;
};

/// Declares the subcommand `score`; parsing fills `options`, which must outlive
/// `app`.
Command& AddScoreCommand(Command& app, ScoreOptions& options);

/// The score that the flags ask for. Starts libvips itself.
/// REQUIRES: they were parsed, `--content` among them.
/// Errors: InvalidArgument, NotFound, PermissionDenied (a flag or a file; names
///         it), otherwise as ScorePicture.
absl::StatusOr<Score> ScoreAsAsked(const ScoreOptions& options);

/// Prints the losses to `out`, or one line on `err`.
/// Returns the process's exit code: 0, 2 for bad input, 1 for anything else.
int RunScore(const ScoreOptions& options, std::ostream& out, std::ostream& err);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_
