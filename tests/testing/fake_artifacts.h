// An artifact store in memory that can be told to misbehave.
#ifndef ATELIER_TESTS_TESTING_FAKE_ARTIFACTS_H_
#define ATELIER_TESTS_TESTING_FAKE_ARTIFACTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "tests/testing/in_process_server.h"

namespace atelier {

/// Holds artifacts of all kinds together. Thread-safe.
class FakeArtifacts : public v1::Artifacts::Service, public HoldsCalls {
 public:
  /// Stores bytes under their digest, and returns it.
  std::string Add(const std::string& bytes);
  /// Stores bytes under a digest that may not be theirs.
  void AddAs(const std::string& digest, const std::string& bytes);
  std::optional<std::string> Find(const std::string& digest) const;

  /// The next `calls` calls, of any kind, fail with `code`.
  void FailNext(int calls, grpc::StatusCode code);
  /// The same with a status of its own.
  void FailNext(int calls, const grpc::Status& with);
  /// Every download stream breaks (UNAVAILABLE) after this many bytes.
  void BreakDownloadsAfter(int64_t bytes);
  /// Downloads hang, once begun, until the calls are released.
  void HangDownloads();
  /// What the last upload was called.
  v1::ArtifactKind last_kind() const;
  /// First messages, without their bytes, of the uploads of a kind that were
  /// taken, in their order.
  std::vector<v1::UploadRequest> uploads(v1::ArtifactKind kind) const;
  /// Uploads of this kind fail with this from now on; OK: no longer.
  void FailUploads(v1::ArtifactKind kind, const grpc::Status& with);
  /// Uploads of this kind hang, once read, until the calls are released.
  void HangUploads(v1::ArtifactKind kind);
  void ReleaseCalls() override;
  /// Downloads begun so far.
  int downloads() const;
  /// Returns once so many downloads have begun.
  void AwaitDownload(int downloads = 1) const;
  /// Sizes of the FindMissing calls so far.
  std::vector<int> find_sizes() const;

  grpc::Status FindMissing(grpc::ServerContext* context,
                           const v1::FindMissingRequest* request,
                           v1::FindMissingResponse* response) override;
  grpc::Status Upload(grpc::ServerContext* context,
                      grpc::ServerReader<v1::UploadRequest>* reader,
                      v1::UploadResponse* response) override;
  grpc::Status Download(
      grpc::ServerContext* context, const v1::DownloadRequest* request,
      grpc::ServerWriter<v1::DownloadResponse>* writer) override;

 private:
  grpc::Status NextFailure();
  // Until the calls are released; their caller has given up long before.
  grpc::Status Hang();

  mutable absl::Mutex mutex_;
  std::map<std::string, std::string> blobs_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  grpc::Status failure_ ABSL_GUARDED_BY(mutex_);
  int64_t break_after_ ABSL_GUARDED_BY(mutex_) = -1;
  bool hang_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_released_ ABSL_GUARDED_BY(mutex_) = false;
  int downloads_ ABSL_GUARDED_BY(mutex_) = 0;
  v1::ArtifactKind last_kind_ ABSL_GUARDED_BY(mutex_) =
      v1::ARTIFACT_KIND_UNSPECIFIED;
  std::vector<v1::UploadRequest> uploads_ ABSL_GUARDED_BY(mutex_);
  std::map<v1::ArtifactKind, grpc::Status> failing_ ABSL_GUARDED_BY(mutex_);
  std::set<v1::ArtifactKind> hanging_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> find_sizes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_FAKE_ARTIFACTS_H_
