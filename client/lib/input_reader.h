// The files of a job, each read once: digests for the wire, descriptions for
// validation.
#ifndef ATELIER_CLIENT_LIB_INPUT_READER_H_
#define ATELIER_CLIENT_LIB_INPUT_READER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/input_files.h"
#include "client/lib/prepare.h"
#include "common/render/network.h"
#include "common/render/params.h"
#include "common/weights/weight_file.h"

namespace atelier {

/// Thread-compatible.
class InputReader {
 public:
  /// Lifetime: of `files`.
  InputReader(const PrepareLimits& limits, InputFiles& files)
      : limits_(limits), files_(files) {}

  /// The draft's patch with the digests of its files. A file that was read
  /// before is not read again.
  /// Errors: InvalidArgument (the parameter, the file, what is wrong).
  absl::StatusOr<RenderPatch> Read(const RenderDraft& draft);

  /// Puts digests in the place of the value's files. Returns the value as the
  /// wire takes it. Errors: as Read.
  absl::StatusOr<v1::AxisValue> ReplaceFiles(AxisValueDraft& value);

  /// Inputs that are known by digest. A file with the same bytes keeps this
  /// description. REQUIRES: nothing has been read.
  void AddKnown(const v1::ImageDescription& image) {
    images_.emplace(image.digest(), image);
  }
  void AddKnown(const NetworkDescription& network, const std::string& digest) {
    networks_.emplace(digest, network);
  }

  /// Of a draft that was read: the names of those of its files that are
  /// described under another one, because another file has the same bytes.
  std::vector<v1::InputName> OwnNames(const RenderDraft& draft) const;

  /// By digest.
  const std::map<std::string, v1::ImageDescription>& images() const {
    return images_;
  }
  const std::map<std::string, NetworkDescription>& networks() const {
    return networks_;
  }
  const std::map<std::string, PreparedInput>& inputs() const { return inputs_; }
  /// For people: what files lack that are read nevertheless.
  const std::set<std::string>& warnings() const { return warnings_; }

 private:
  absl::Status ReplaceByDigest(const Parameter& input, std::string& file);
  absl::StatusOr<std::string> DigestOf(FileKind kind, const std::string& file);
  /// How an input is described.
  const std::string& DescribedName(const std::string& digest) const;
  absl::StatusOr<std::string> ReadPicture(const std::string& path);
  absl::StatusOr<std::string> ReadMask(const std::string& path);
  absl::StatusOr<WeightBytes> LoadFile(const std::string& path);
  absl::StatusOr<std::string> ReadWeights(const std::string& name_or_path);

  const PrepareLimits limits_;
  InputFiles& files_;
  std::map<std::string, std::string> picture_digests_;  // By path.
  std::map<std::string, std::string> weight_digests_;   // By name or path.
  std::map<std::string, absl::Status> as_masks_;        // By digest.
  std::map<std::string, v1::ImageDescription> images_;
  std::map<std::string, NetworkDescription> networks_;
  std::map<std::string, PreparedInput> inputs_;
  std::set<std::string> warnings_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_INPUT_READER_H_
