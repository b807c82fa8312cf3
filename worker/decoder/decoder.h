// Pictures and weight files read in a process apart, for a worker that
// survives whatever they do to it (docs/adr/0037).
//
//   ASSIGN_OR_RETURN(auto decoder, Decoder::Start({{"/.../atelier-decoder"}}));
//   ASSIGN_OR_RETURN(Image image, decoder->DecodeToFit(bytes, fit, limits));
#ifndef ATELIER_WORKER_DECODER_DECODER_H_
#define ATELIER_WORKER_DECODER_DECODER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/image/image.h"
#include "common/weights/weight_file.h"
#include "worker/decoder/decoder_child.h"

namespace atelier {

struct DecoderOptions {
  std::vector<std::string> command;  ///< The program and its arguments.
  /// What one file may take.
  absl::Duration time_limit = absl::Minutes(2);
  /// What its start may take.
  absl::Duration start_limit = absl::Minutes(1);
  /// Whether a decoder whose system calls are not filtered is refused.
  bool require_filter = false;
};

/// One process, which reads one file after the other and is started again when
/// one ends it. What it answers is checked like what comes from a stranger.
/// Thread-safe: a second caller waits.
class Decoder {
 public:
  /// Errors: FailedPrecondition (it can't be started, or is of another build),
  ///         Unimplemented (a filter is required, and not allowed here).
  static absl::StatusOr<std::unique_ptr<Decoder>> Start(
      DecoderOptions options, Clock& clock = Clock::Steady());
  /// The first half of Start, which does not wait for the process.
  /// Errors: FailedPrecondition (it can't be started).
  static absl::StatusOr<std::unique_ptr<Decoder>> Spawn(
      DecoderOptions options, Clock& clock = Clock::Steady());
  /// The second. REQUIRES: Spawn, and no call in between. Errors: as Start.
  absl::Status AwaitReady();

  /// As the functions of these names. `fit` is called on this thread.
  /// Errors: as they have, word for word. InvalidArgument too for a file that
  ///         crashes the decoder, takes too long or makes it answer what can't
  ///         be (says which); ResourceExhausted where something else killed it
  ///         twice; Internal where it can't be started again.
  absl::StatusOr<Image> DecodeToFit(absl::string_view bytes, FitFn fit,
                                    const DecodeLimits& limits);
  absl::StatusOr<WeightFile> ParseWeights(const WeightBytes& weights);

  /// Why its system calls are not filtered; OK where they are.
  absl::Status filtered() const;

 private:
  Decoder(DecoderOptions options, Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  std::string What() const;
  absl::StatusOr<std::unique_ptr<DecoderChild>> SpawnChild() const;
  // Until it has said that it is ready.
  absl::Status AwaitChild(DecoderChild& child)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadReady(FrameChannel& channel)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // One exchange about a file, with a child that may take so much memory.
  absl::Status Exchange(uint64_t file_bytes, int64_t memory_bytes,
                        absl::FunctionRef<absl::Status(DecoderChild&)> talk);
  absl::Status Blame(const absl::Status& fault, const ChildEnd& end,
                     uint64_t file_bytes) const;

  const DecoderOptions options_;
  Clock& clock_;
  mutable absl::Mutex mutex_;  // Held while a file is read.
  std::unique_ptr<DecoderChild> child_ ABSL_GUARDED_BY(mutex_);
  absl::Status filtered_ ABSL_GUARDED_BY(mutex_);
};

/// The path of the decoder that stands beside this program.
/// Errors: as the file system says.
absl::StatusOr<std::string> DecoderBesideThisProgram();

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_DECODER_H_
