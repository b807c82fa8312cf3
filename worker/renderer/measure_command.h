// `atelier-worker measure`: the measures of pictures, without a coordinator.
//
//   echo '{"images": [{"image": "out.png", "content": "A.jpg"}]}' |
//       atelier-worker measure
//
// The request is one object of JSON, in the words of specs:
//
//   measure: {weights, size, pooling, preprocessing}, each as in a spec
//   images:  [{image, content, style, style_blend}, ...]: files; `style` is one
//            or a list, `style_blend` their shares, and only `image` is needed
//
// The answer is a line for each image, in their order, as soon as it is
// measured: {image, measured_by, measures}, or {image, error}. `measured_by`
// and `measures` are as in results.json.
#ifndef ATELIER_WORKER_RENDERER_MEASURE_COMMAND_H_
#define ATELIER_WORKER_RENDERER_MEASURE_COMMAND_H_

#include <ostream>
#include <string>

namespace atelier {

class Command;

/// The flags, as typed.
struct MeasureOptions {
  std::string backend = "auto";
  std::string device = "cpu";
  int threads = 0;
};

/// Declares the subcommand `measure`; parsing fills `options`, which must
/// outlive `app`.
Command& AddMeasureCommand(Command& app, MeasureOptions& options);

/// Reads a request from the file and prints the answer to `out`, or one line on
/// `err`. Starts libvips itself.
/// Returns the process's exit code: 0; 2 for a bad request, or where a picture
/// is bad; 1 for anything else.
int RunMeasure(const MeasureOptions& options, int request_fd, std::ostream& out,
               std::ostream& err);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_MEASURE_COMMAND_H_
