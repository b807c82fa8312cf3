#include "client/lib/input_reader.h"

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/mask.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

using ReadFn =
    absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)>;

// Whatever keeps an input from being read is the caller's to put right, so
// every error is InvalidArgument.
absl::Status ReadInto(absl::string_view field,
                      const std::optional<std::string>& path, ReadFn read,
                      std::optional<std::string>& digest) {
  if (!path.has_value()) return absl::OkStatus();
  absl::StatusOr<std::string> found = read(*path);
  if (!found.ok()) {
    const absl::string_view message = found.status().message();
    const bool names_path = absl::StrContains(message, *path);
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": ", names_path ? "" : *path, names_path ? "" : ": ", message));
  }
  digest = *std::move(found);
  return absl::OkStatus();
}

// The same for a list of files; an empty path has an empty digest.
absl::Status ReadEach(absl::string_view field,
                      const std::optional<std::vector<std::string>>& paths,
                      ReadFn read,
                      std::optional<std::vector<std::string>>& digests) {
  if (!paths.has_value()) return absl::OkStatus();
  digests.emplace();
  for (const std::string& path : *paths) {
    std::optional<std::string> digest;
    if (!path.empty()) RETURN_IF_ERROR(ReadInto(field, path, read, digest));
    digests->push_back(digest.value_or(""));
  }
  return absl::OkStatus();
}

std::string FileName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace

absl::StatusOr<RenderPatch> InputReader::Read(const RenderDraft& draft) {
  const auto picture = [this](const std::string& path) {
    return ReadPicture(path);
  };
  const auto mask = [this](const std::string& path) { return ReadMask(path); };
  const auto weights = [this](const std::string& name) {
    return ReadWeights(name);
  };
  RenderPatch patch = draft.patch;
  RETURN_IF_ERROR(
      ReadInto("content", draft.content, picture, patch.content_digest));
  RETURN_IF_ERROR(
      ReadEach("style", draft.styles, picture, patch.style_digests));
  RETURN_IF_ERROR(ReadEach("style_mask", draft.style_masks, mask,
                           patch.style_mask_digests));
  RETURN_IF_ERROR(ReadEach("style_region", draft.style_regions, mask,
                           patch.style_region_digests));
  RETURN_IF_ERROR(ReadInto("init", draft.init, picture, patch.init_digest));
  RETURN_IF_ERROR(
      ReadInto("weights", draft.weights, weights, patch.weights_digest));
  return patch;
}

absl::StatusOr<std::string> InputReader::ReadPicture(const std::string& path) {
  const auto known = picture_digests_.find(path);
  if (known != picture_digests_.end()) return known->second;
  ASSIGN_OR_RETURN(const std::string bytes,
                   ReadFile(path, limits_.images.max_file_bytes));
  // All of it is read: a worker should not be the first to find a picture cut
  // short.
  ASSIGN_OR_RETURN(const Inspection picture, Inspect(bytes, limits_.images));
  if (!picture.warning.empty()) {
    warnings_.insert(absl::StrCat(path, ": ", picture.warning));
  }
  const std::string digest = HexDigest(bytes);
  v1::ImageDescription& description = images_[digest];
  description.set_digest(digest);
  description.set_width_px(picture.header.width_px);
  description.set_height_px(picture.header.height_px);
  description.set_name(FileName(path));
  as_masks_[digest] = picture.as_mask;
  inputs_[digest] = {digest, path, nullptr};
  return picture_digests_[path] = digest;
}

absl::StatusOr<std::string> InputReader::ReadMask(const std::string& path) {
  ASSIGN_OR_RETURN(std::string digest, ReadPicture(path));
  RETURN_IF_ERROR(as_masks_.at(digest));
  return digest;
}

absl::StatusOr<std::string> InputReader::ReadWeights(
    const std::string& name_or_path) {
  const auto known = weight_digests_.find(name_or_path);
  if (known != weight_digests_.end()) return known->second;
  LoadOptions options;
  options.max_bytes = limits_.max_weight_bytes;
  ASSIGN_OR_RETURN(WeightBytes weights, LoadWeights(name_or_path, options));
  ASSIGN_OR_RETURN(NetworkDescription network, DescribeWeights(weights));
  network.name = FileName(weights.name);
  networks_[weights.digest] = std::move(network);
  inputs_[weights.digest] = {weights.digest, name_or_path, weights.bytes};
  return weight_digests_[name_or_path] = weights.digest;
}

}  // namespace atelier
