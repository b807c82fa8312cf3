// `atelier-worker score`: the losses of a picture, without a coordinator.
//
//   ScoreOptions score;
//   const Command& command = AddScoreCommand(app, score);
//   ASSIGN_OR_RETURN(const bool go_on, app.Parse(arguments, std::cout));
//   if (command.IsChosen()) return RunScore(score, std::cout, std::cerr);
#ifndef ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_
#define ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/renderer/score.h"

namespace atelier {

class Command;

/// The flags, as typed; an empty text was not given.
struct ScoreOptions {
  std::string image;
  std::string content;
  /// Lists about styles: one entry for each, in their order.
  std::vector<std::string> styles;
  std::vector<double> style_blend;
  std::vector<std::string> style_masks;    ///< kNoMask: this style has none.
  std::vector<std::string> style_regions;  ///< Likewise.
  int size_px = 0;  ///< Longer side of every picture; 0 resizes nothing.
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
  std::string content_layers;
  std::string style_layers;
  std::string pooling;
  std::string padding;
  std::string convention;
  std::string weights{kBuiltinNetwork};
  std::string backend = "auto";
  std::string device = "cpu";
  int threads = 0;
  bool json = false;
};

/// Declares the subcommand `score`; parsing fills `options`, which must outlive
/// `app`.
Command& AddScoreCommand(Command& app, ScoreOptions& options);

/// The score that the flags ask for. Starts libvips itself.
/// Errors: InvalidArgument, NotFound, PermissionDenied (a flag or a file; names
///         it), otherwise as ScorePicture.
absl::StatusOr<Score> ScoreAsAsked(const ScoreOptions& options);

/// Prints the losses to `out`, or one line on `err`.
/// Returns the process's exit code: 0, 2 for bad input, 1 for anything else.
int RunScore(const ScoreOptions& options, std::ostream& out, std::ostream& err);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_
