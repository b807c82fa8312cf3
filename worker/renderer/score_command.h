// `atelier-worker score`: the losses of a picture, without a coordinator.
//
//   ScoreOptions score;
//   CLI::App* command = AddScoreCommand(app, score);
//   CLI11_PARSE(app, argc, argv);
//   if (command->parsed()) return RunScore(score, std::cout, std::cerr);
#ifndef ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_
#define ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_

#include <ostream>
#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace atelier {

/// The flags, as typed: empty strings and negative numbers were not given.
struct ScoreOptions {
  std::string image;
  std::string content;
  std::string style;
  int size_px = 0;  ///< Longer side of content and style; 0 resizes nothing.
  double content_weight = -1;
  double style_weight = -1;
  double tv_weight = -1;
  std::string content_layers;
  std::string style_layers;
  std::string pooling;
  std::string padding;
  std::string convention;
  std::string weights;
  std::string backend = "reference";
  std::string device = "cpu";
  int threads = 0;
  bool json = false;
};

/// Declares the subcommand `score`; parsing fills `options`, which must outlive
/// `app`.
CLI::App* AddScoreCommand(CLI::App& app, ScoreOptions& options);

/// Prints the losses to `out`, or one line on `err`. Starts libvips itself.
/// Returns the process's exit code: 0, 2 for bad input, 1 for anything else.
int RunScore(const ScoreOptions& options, std::ostream& out, std::ostream& err);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_SCORE_COMMAND_H_
