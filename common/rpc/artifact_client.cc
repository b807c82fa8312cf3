#include "common/rpc/artifact_client.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/quoted_text.h"
#include "common/rpc/call_end.h"
#include "common/rpc/deadline.h"
#include "common/rpc/denial.h"
#include "common/status_macros.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace atelier {
namespace {

constexpr size_t kFindBatch = 1000;
constexpr size_t kChunkBytes = 256 << 10;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

absl::Status CheckDigest(absl::string_view digest) {
  if (IsHexDigest(digest)) return absl::OkStatus();
  return InvalidArgument(Quoted(digest),
                         " is not a digest: 64 lower-case hex digits");
}

absl::Status FileError(absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(doing, " ", path));
}

}  // namespace

struct ArtifactClient::Stub {
  v1::Artifacts::Stub of;
};

/// Bytes that go out, from any place any number of times.
class ArtifactClient::Source {
 public:
  virtual ~Source() = default;
  virtual int64_t size() const = 0;
  /// Fills `chunk` with the bytes from `offset`, at most kChunkBytes.
  virtual absl::Status Read(int64_t offset, std::string* chunk) = 0;
};

/// Bytes that come in, hashed on the way.
class ArtifactClient::Sink {
 public:
  virtual ~Sink() = default;
  absl::Status Append(absl::string_view bytes) {
    RETURN_IF_ERROR(Keep(bytes));
    hash_.Update(bytes);
    size_ += static_cast<int64_t>(bytes.size());
    return absl::OkStatus();
  }
  int64_t size() const { return size_; }
  std::string HexDigest() { return hash_.HexDigest(); }

 private:
  virtual absl::Status Keep(absl::string_view bytes) = 0;
  Sha256 hash_;
  int64_t size_ = 0;
};

absl::Status ArtifactClient::TryUpload(Source& source,
                                       const std::string& digest,
                                       StopSignal& stop,
                                       const ArtifactScope& scope) {
  grpc::ClientContext context;
  if (options_.upload_within < absl::InfiniteDuration()) {
    context.set_deadline(After(options_.upload_within));
  }
  const StopCallback cancel(stop, [&] { context.TryCancel(); });
  v1::UploadResponse response;
  const auto writer = stub_->of.Upload(&context, &response);
  v1::UploadRequest message;
  message.set_digest(digest);
  message.set_size_bytes(source.size());
  message.set_kind(options_.kind);
  if (scope.attempt != nullptr) *message.mutable_attempt() = *scope.attempt;
  message.set_thumbnail_of(scope.thumbnail_of);
  message.set_thumbnail_px(scope.thumbnail_px);
  int64_t offset = 0;
  do {
    if (absl::Status read = source.Read(offset, message.mutable_chunk());
        !read.ok()) {
      context.TryCancel();
      writer->Finish().ok();
      return read;
    }
    offset += static_cast<int64_t>(message.chunk().size());
    // A refused write is no error yet: the store may have the artifact already.
    if (!writer->Write(message)) break;
    message.Clear();
  } while (offset < source.size());
  writer->WritesDone();
  RETURN_IF_ERROR(EndOf(writer->Finish(), stop));
  if (response.digest() != digest || response.size_bytes() != source.size()) {
    return absl::InternalError(
        absl::StrCat("the store acknowledged ", response.size_bytes(),
                     " bytes as ", Quoted(response.digest()), " instead of ",
                     source.size(), " as ", digest));
  }
  return absl::OkStatus();
}

absl::Status ArtifactClient::TryDownload(Sink& sink, const std::string& digest,
                                         StopSignal& stop,
                                         const ArtifactScope& scope) {
  grpc::ClientContext context;
  const StopCallback cancel(stop, [&] { context.TryCancel(); });
  v1::DownloadRequest request;
  request.set_digest(digest);
  request.set_offset_bytes(sink.size());
  request.set_kind(options_.kind);
  request.set_job_id(scope.job_id);
  if (scope.task_index.has_value()) request.set_task_index(*scope.task_index);
  if (scope.attempt != nullptr) *request.mutable_attempt() = *scope.attempt;
  const auto reader = stub_->of.Download(&context, request);
  const auto abandon = [&](absl::Status status) {
    context.TryCancel();
    reader->Finish().ok();
    return status;
  };
  v1::DownloadResponse message;
  std::optional<int64_t> size;
  while (reader->Read(&message)) {
    if (!size) size = message.size_bytes();
    if (*size > options_.max_download_bytes) {
      return abandon(absl::ResourceExhaustedError(
          absl::StrCat("artifact ", digest, " has ", *size, " bytes, at most ",
                       options_.max_download_bytes, " are taken")));
    }
    if (sink.size() + static_cast<int64_t>(message.chunk().size()) > *size) {
      return abandon(absl::DataLossError(
          absl::StrCat("artifact ", digest, " is longer than the ", *size,
                       " bytes announced")));
    }
    if (absl::Status kept = sink.Append(message.chunk()); !kept.ok()) {
      return abandon(kept);
    }
  }
  RETURN_IF_ERROR(EndOf(reader->Finish(), stop));
  if (sink.size() != size.value_or(0)) {
    return absl::DataLossError(
        absl::StrCat("artifact ", digest, " ended after ", sink.size(), " of ",
                     size.value_or(0), " bytes"));
  }
  return absl::OkStatus();
}

ArtifactClient::ArtifactClient(const std::shared_ptr<grpc::Channel>& channel,
                               ArtifactClientOptions options)
    : stub_(new Stub{{channel}}), options_(std::move(options)) {}

ArtifactClient::~ArtifactClient() = default;

absl::StatusOr<std::vector<std::string>> ArtifactClient::FindMissing(
    absl::Span<const std::string> digests, StopSignal* stop) {
  StopSignal never;
  StopSignal& stopped = stop ? *stop : never;
  std::vector<std::string> missing;
  for (size_t first = 0; first < digests.size(); first += kFindBatch) {
    v1::FindMissingRequest request;
    for (const std::string& digest : digests.subspan(first, kFindBatch)) {
      RETURN_IF_ERROR(CheckDigest(digest));
      request.add_digests(digest);
    }
    v1::FindMissingResponse response;
    RETURN_IF_ERROR(CallWithRetry(options_.retry, stopped, [&] {
      grpc::ClientContext context;
      const StopCallback cancel(stopped, [&] { context.TryCancel(); });
      return EndOf(stub_->of.FindMissing(&context, request, &response),
                   stopped);
    }));
    missing.insert(missing.end(), response.missing().begin(),
                   response.missing().end());
  }
  return missing;
}

absl::Status ArtifactClient::UploadFrom(Source& source,
                                        const std::string& digest,
                                        StopSignal* stop,
                                        const ArtifactScope& scope) {
  StopSignal never;
  StopSignal& stopped = stop ? *stop : never;
  return CallWithRetry(options_.retry, stopped, [&] {
    return TryUpload(source, digest, stopped, scope);
  });
}

absl::StatusOr<std::string> ArtifactClient::Upload(absl::string_view bytes,
                                                   StopSignal* stop,
                                                   const ArtifactScope& scope) {
  class ByteSource : public Source {
   public:
    explicit ByteSource(absl::string_view bytes) : bytes_(bytes) {}
    int64_t size() const override { return bytes_.size(); }
    absl::Status Read(int64_t offset, std::string* chunk) override {
      *chunk = std::string(bytes_.substr(offset, kChunkBytes));
      return absl::OkStatus();
    }

   private:
    const absl::string_view bytes_;
  };
  ByteSource source(bytes);
  std::string digest = atelier::HexDigest(bytes);
  RETURN_IF_ERROR(UploadFrom(source, digest, stop, scope));
  return digest;
}

absl::Status ArtifactClient::UploadFile(const std::string& path,
                                        const std::string& digest,
                                        StopSignal* stop,
                                        const ArtifactScope& scope) {
  class FileSource : public Source {
   public:
    FileSource(std::string path, File file, int64_t size)
        : path_(std::move(path)), file_(std::move(file)), size_(size) {}
    int64_t size() const override { return size_; }
    absl::Status Read(int64_t offset, std::string* chunk) override {
      chunk->resize(std::min<int64_t>(kChunkBytes, size_ - offset));
      if (fseeko(file_.get(), offset, SEEK_SET) != 0) {
        return FileError("seek in", path_);
      }
      if (std::fread(chunk->data(), 1, chunk->size(), file_.get()) !=
          chunk->size()) {
        return InvalidArgument(path_, " became shorter while it was uploaded");
      }
      return absl::OkStatus();
    }

   private:
    const std::string path_;
    const File file_;
    const int64_t size_;
  };
  RETURN_IF_ERROR(CheckDigest(digest));
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file) return FileError("open", path);
  if (fseeko(file.get(), 0, SEEK_END) != 0) return FileError("seek in", path);
  const int64_t size = ftello(file.get());
  FileSource source(path, std::move(file), size);
  const absl::Status uploaded = UploadFrom(source, digest, stop, scope);
  // A denial is about the caller, whatever the file.
  return IsDenial(uploaded) ? uploaded : Annotate(uploaded, path);
}

absl::Status ArtifactClient::DownloadInto(Sink& sink, const std::string& digest,
                                          StopSignal* stop,
                                          const ArtifactScope& scope) {
  RETURN_IF_ERROR(CheckDigest(digest));
  StopSignal never;
  StopSignal& stopped = stop ? *stop : never;
  RetrySchedule schedule(options_.retry, Clock::Steady().Now(),
                         std::random_device{}());
  while (true) {
    const int64_t before = sink.size();
    const absl::Status status = TryDownload(sink, digest, stopped, scope);
    if (status.ok()) break;
    if (sink.size() > before) schedule.Progressed(Clock::Steady().Now());
    const auto wait = schedule.WaitAfter(status, Clock::Steady().Now());
    if (!wait) return status;
    if (stopped.WaitFor(*wait)) return absl::CancelledError("told to stop");
  }
  if (const std::string got = sink.HexDigest(); got != digest) {
    return absl::DataLossError(absl::StrCat(
        "asked for artifact ", digest, ", the bytes that came have ", got));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArtifactClient::Download(
    const std::string& digest, StopSignal* stop, const ArtifactScope& scope) {
  class ByteSink : public Sink {
   public:
    std::string bytes;

   private:
    absl::Status Keep(absl::string_view more) override {
      bytes.append(more.data(), more.size());
      return absl::OkStatus();
    }
  };
  ByteSink sink;
  RETURN_IF_ERROR(DownloadInto(sink, digest, stop, scope));
  return std::move(sink.bytes);
}

absl::Status ArtifactClient::DownloadTo(const std::string& digest,
                                        std::ostream& out, StopSignal* stop,
                                        const ArtifactScope& scope) {
  class StreamSink : public Sink {
   public:
    explicit StreamSink(std::ostream& out) : out_(out) {}

    absl::Status Flush() {
      if (out_.flush()) return absl::OkStatus();
      return absl::ResourceExhaustedError("its bytes cannot be written here");
    }

   private:
    absl::Status Keep(absl::string_view more) override {
      out_.write(more.data(), static_cast<std::streamsize>(more.size()));
      return out_ ? absl::OkStatus() : Flush();
    }
    std::ostream& out_;
  };
  StreamSink sink(out);
  RETURN_IF_ERROR(DownloadInto(sink, digest, stop, scope));
  return sink.Flush();
}

absl::Status ArtifactClient::DownloadToFile(const std::string& digest,
                                            const std::string& path,
                                            StopSignal* stop,
                                            const ArtifactScope& scope) {
  class FileSink : public Sink {
   public:
    FileSink(const std::string& path, std::FILE* file)
        : path_(path), file_(file) {}

   private:
    absl::Status Keep(absl::string_view more) override {
      if (std::fwrite(more.data(), 1, more.size(), file_) != more.size()) {
        return FileError("write", path_);
      }
      return absl::OkStatus();
    }
    const std::string& path_;
    std::FILE* const file_;
  };
  const std::string aside = PartName(path);
  File file(std::fopen(aside.c_str(), "wbxe"));
  if (!file) return FileError("create", aside);
  FileSink sink(aside, file.get());
  absl::Status status = DownloadInto(sink, digest, stop, scope);
  // Closing flushes, and only then is it known that the disk was not full.
  if (std::fclose(file.release()) != 0) {
    status.Update(FileError("write", aside));
  }
  if (status.ok() && std::rename(aside.c_str(), path.c_str()) != 0) {
    status = FileError("rename to", path);
  }
  if (!status.ok()) std::remove(aside.c_str());
  return status;
}

}  // namespace atelier
