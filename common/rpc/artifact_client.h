// The caller's side of the Artifacts service: bytes by digest, in and out.
//
//   ArtifactClient artifacts(MakeChannel(coordinator));
//   ASSIGN_OR_RETURN(auto missing, artifacts.FindMissing(digests));
//   RETURN_IF_ERROR(artifacts.UploadFile(path, digest));
//   ASSIGN_OR_RETURN(std::string png, artifacts.Download(digest));
#ifndef ATELIER_COMMON_RPC_ARTIFACT_CLIENT_H_
#define ATELIER_COMMON_RPC_ARTIFACT_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/rpc/retry.h"
#include "common/rpc/stop_signal.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace atelier {

namespace v1 {
class AttemptToken;
enum ArtifactKind : int;
}  // namespace v1

/// What is transferred, as the service asks those who are no admins: see
/// DownloadRequest. For an upload only `attempt` and the thumbnail count.
struct ArtifactScope {
  std::string job_id = {};
  std::optional<int64_t> task_index = {};
  std::shared_ptr<const v1::AttemptToken> attempt = nullptr;
  /// Of an upload: the picture that it is the thumbnail of, and its size, as
  /// UploadRequest has them. Empty: it is none.
  std::string thumbnail_of = {};
  int thumbnail_px = 0;
};

struct ArtifactClientOptions {
  RetryPolicy retry;
  /// A larger download is refused before its bytes are taken.
  int64_t max_download_bytes = int64_t{4} << 30;
  /// Of what is uploaded and downloaded.
  v1::ArtifactKind kind{};
  /// An upload that takes longer fails with DeadlineExceeded.
  absl::Duration upload_within = absl::InfiniteDuration();
};

/// Every call is repeated as the policy says. Where a `stop` is given, it ends
/// the call with Cancelled, also one that is waiting for bytes.
/// Errors common to all: Unavailable once the policy gives up, InvalidArgument
///         for a malformed digest, else as the service says.
/// Thread-safe.
class ArtifactClient {
 public:
  explicit ArtifactClient(const std::shared_ptr<grpc::Channel>& channel,
                          ArtifactClientOptions options = {});
  ~ArtifactClient();

  /// Which of these the store lacks, in the order given. Any number of them.
  absl::StatusOr<std::vector<std::string>> FindMissing(
      absl::Span<const std::string> digests, StopSignal* stop = nullptr);

  /// Returns the digest, once the store has it for good.
  absl::StatusOr<std::string> Upload(absl::string_view bytes,
                                     StopSignal* stop = nullptr,
                                     const ArtifactScope& scope = {});

  /// Uploads a file whose digest is known, a piece at a time.
  /// Errors: InvalidArgument when the file does not have this digest (any
  ///         more), NotFound, PermissionDenied.
  absl::Status UploadFile(const std::string& path, const std::string& digest,
                          StopSignal* stop = nullptr,
                          const ArtifactScope& scope = {});

  /// Goes on where a broken stream stopped.
  /// Errors: NotFound, ResourceExhausted (larger than allowed; both figures),
  ///         DataLoss when the bytes do not have the digest.
  absl::StatusOr<std::string> Download(const std::string& digest,
                                       StopSignal* stop = nullptr,
                                       const ArtifactScope& scope = {});

  /// As Download, of what does not fit in memory. On an error a part has been
  /// written, perhaps.
  /// Errors: as Download, and ResourceExhausted when `out` takes no more.
  absl::Status DownloadTo(const std::string& digest, std::ostream& out,
                          StopSignal* stop = nullptr,
                          const ArtifactScope& scope = {});

  /// As Download; the file appears whole, or not at all.
  absl::Status DownloadToFile(const std::string& digest,
                              const std::string& path,
                              StopSignal* stop = nullptr,
                              const ArtifactScope& scope = {});

 private:
  struct Stub;
  class Source;
  class Sink;
  absl::Status UploadFrom(Source& source, const std::string& digest,
                          StopSignal* stop, const ArtifactScope& scope);
  absl::Status TryUpload(Source& source, const std::string& digest,
                         StopSignal& stop, const ArtifactScope& scope);
  absl::Status DownloadInto(Sink& sink, const std::string& digest,
                            StopSignal* stop, const ArtifactScope& scope);
  absl::Status TryDownload(Sink& sink, const std::string& digest,
                           StopSignal& stop, const ArtifactScope& scope);

  const std::unique_ptr<Stub> stub_;
  ArtifactClientOptions options_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_ARTIFACT_CLIENT_H_
