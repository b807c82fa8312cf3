#include "tests/testing/fake_artifacts.h"

#include <algorithm>
#include <utility>

#include "common/digest.h"

namespace atelier {
namespace {

constexpr int64_t kChunkBytes = 1000;  // Small, so that streams have many.

}  // namespace

std::string FakeArtifacts::Add(const std::string& bytes) {
  const std::string digest = HexDigest(bytes);
  AddAs(digest, bytes);
  return digest;
}

void FakeArtifacts::AddAs(const std::string& digest, const std::string& bytes) {
  absl::MutexLock lock(&mutex_);
  blobs_[digest] = bytes;
}

std::optional<std::string> FakeArtifacts::Find(
    const std::string& digest) const {
  absl::MutexLock lock(&mutex_);
  const auto found = blobs_.find(digest);
  if (found == blobs_.end()) return std::nullopt;
  return found->second;
}

void FakeArtifacts::FailNext(int calls, grpc::StatusCode code) {
  FailNext(calls, grpc::Status(code, "the fake was told to fail"));
}

void FakeArtifacts::FailNext(int calls, const grpc::Status& with) {
  absl::MutexLock lock(&mutex_);
  failures_ = calls;
  failure_ = with;
}

void FakeArtifacts::BreakDownloadsAfter(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  break_after_ = bytes;
}

void FakeArtifacts::HangDownloads() {
  absl::MutexLock lock(&mutex_);
  hang_ = true;
}

v1::ArtifactKind FakeArtifacts::last_kind() const {
  absl::MutexLock lock(&mutex_);
  return last_kind_;
}

std::vector<v1::UploadRequest> FakeArtifacts::uploads(
    v1::ArtifactKind kind) const {
  std::vector<v1::UploadRequest> found;
  absl::MutexLock lock(&mutex_);
  for (const v1::UploadRequest& upload : uploads_) {
    if (upload.kind() == kind) found.push_back(upload);
  }
  return found;
}

void FakeArtifacts::FailUploads(v1::ArtifactKind kind,
                                const grpc::Status& with) {
  absl::MutexLock lock(&mutex_);
  failing_[kind] = with;
}

void FakeArtifacts::HangUploads(v1::ArtifactKind kind) {
  absl::MutexLock lock(&mutex_);
  hanging_.insert(kind);
}

void FakeArtifacts::ReleaseCalls() {
  absl::MutexLock lock(&mutex_);
  is_released_ = true;
}

grpc::Status FakeArtifacts::Hang() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&is_released_));
  return grpc::Status::CANCELLED;
}

int FakeArtifacts::downloads() const {
  absl::MutexLock lock(&mutex_);
  return downloads_;
}

void FakeArtifacts::AwaitDownload(int downloads) const {
  const auto begun = [this, downloads]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return downloads_ >= downloads;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&begun));
}

std::vector<int> FakeArtifacts::find_sizes() const {
  absl::MutexLock lock(&mutex_);
  return find_sizes_;
}

grpc::Status FakeArtifacts::NextFailure() {
  absl::MutexLock lock(&mutex_);
  if (failures_ == 0) return grpc::Status::OK;
  --failures_;
  return failure_;
}

grpc::Status FakeArtifacts::FindMissing(grpc::ServerContext*,
                                        const v1::FindMissingRequest* request,
                                        v1::FindMissingResponse* response) {
  if (grpc::Status failure = NextFailure(); !failure.ok()) return failure;
  absl::MutexLock lock(&mutex_);
  find_sizes_.push_back(request->digests_size());
  for (const std::string& digest : request->digests()) {
    if (blobs_.count(digest) == 0) response->add_missing(digest);
  }
  return grpc::Status::OK;
}

grpc::Status FakeArtifacts::Upload(
    grpc::ServerContext*, grpc::ServerReader<v1::UploadRequest>* reader,
    v1::UploadResponse* response) {
  if (grpc::Status failure = NextFailure(); !failure.ok()) return failure;
  v1::UploadRequest message;
  if (!reader->Read(&message)) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no message");
  }
  response->set_digest(message.digest());
  response->set_size_bytes(message.size_bytes());
  v1::UploadRequest first = message;
  first.clear_chunk();
  // Read to the end even where the artifact is there already: the in-process
  // transport leaves a writer waiting for ever when its server returns early.
  std::string bytes = message.chunk();
  while (reader->Read(&message)) bytes += message.chunk();
  if (HexDigest(bytes) != response->digest() ||
      static_cast<int64_t>(bytes.size()) != response->size_bytes()) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        "the bytes do not have the digest announced");
  }
  bool hang;
  {
    absl::MutexLock lock(&mutex_);
    const auto failing = failing_.find(first.kind());
    if (failing != failing_.end() && !failing->second.ok()) {
      return failing->second;
    }
    hang = hanging_.count(first.kind()) > 0;
  }
  if (hang) return Hang();
  AddAs(response->digest(), bytes);
  absl::MutexLock lock(&mutex_);
  last_kind_ = first.kind();
  uploads_.push_back(std::move(first));
  return grpc::Status::OK;
}

grpc::Status FakeArtifacts::Download(
    grpc::ServerContext*, const v1::DownloadRequest* request,
    grpc::ServerWriter<v1::DownloadResponse>* writer) {
  int64_t break_after;
  bool hang;
  {
    absl::MutexLock lock(&mutex_);
    ++downloads_;
    break_after = break_after_;
    hang = hang_;
  }
  if (grpc::Status failure = NextFailure(); !failure.ok()) return failure;
  if (hang) return Hang();
  const auto bytes = Find(request->digest());
  if (!bytes) return grpc::Status(grpc::StatusCode::NOT_FOUND, "no artifact");
  const int64_t size = bytes->size();
  const int64_t end =
      break_after < 0 ? size
                      : std::min(size, request->offset_bytes() + break_after);
  v1::DownloadResponse message;
  message.set_size_bytes(size);
  int64_t offset = request->offset_bytes();
  do {
    const int64_t length = std::min(kChunkBytes, end - offset);
    message.set_chunk(bytes->substr(offset, length));
    if (!writer->Write(message)) return grpc::Status::CANCELLED;
    message.clear_size_bytes();
    offset += length;
  } while (offset < end);
  if (end < size) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream broke");
  }
  return grpc::Status::OK;
}

}  // namespace atelier
