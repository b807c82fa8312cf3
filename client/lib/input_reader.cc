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
#include "common/quoted_text.h"
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
  if (path->find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": ", Quoted(*path), " has a zero byte; no file is called so"));
  }
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

// The names that are not as described, added to `names`.
class NameCollector {
 public:
  using DescribedName =
      absl::FunctionRef<const std::string&(const std::string& digest)>;

  NameCollector(DescribedName described, std::vector<v1::InputName>& names)
      : described_(described), names_(names) {}

  void Add(const char* field, int position, const std::string& path,
           const std::string& digest) {
    std::string name = DisplayName(path);
    if (name.empty() || name == described_(digest)) return;
    v1::InputName& own = names_.emplace_back();
    own.set_field(field);
    own.set_position(position);
    own.set_name(std::move(name));
  }
  void AddOne(const char* field, const std::optional<std::string>& path,
              const std::map<std::string, std::string>& digests) {
    if (path.has_value()) Add(field, 0, *path, digests.at(*path));
  }
  void AddEach(const char* field,
               const std::optional<std::vector<std::string>>& paths,
               const std::map<std::string, std::string>& digests) {
    if (!paths.has_value()) return;
    for (size_t i = 0; i < paths->size(); ++i) {
      const std::string& path = (*paths)[i];
      if (path.empty()) continue;  // No mask.
      Add(field, static_cast<int>(i), path, digests.at(path));
    }
  }

 private:
  const DescribedName described_;
  std::vector<v1::InputName>& names_;
};

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

const std::string& InputReader::DescribedName(const std::string& digest) const {
  const auto image = images_.find(digest);
  return image != images_.end() ? image->second.name()
                                : networks_.at(digest).name;
}

std::vector<v1::InputName> InputReader::OwnNames(
    const RenderDraft& draft) const {
  std::vector<v1::InputName> names;
  const auto described = [this](const std::string& digest) -> const auto& {
    return DescribedName(digest);
  };
  NameCollector collector(described, names);
  collector.AddOne(kContentField, draft.content, picture_digests_);
  collector.AddEach(kStyleField, draft.styles, picture_digests_);
  collector.AddEach(kStyleMaskField, draft.style_masks, picture_digests_);
  collector.AddEach(kStyleRegionField, draft.style_regions, picture_digests_);
  collector.AddOne(kInitField, draft.init, picture_digests_);
  if (draft.weights.has_value() && !IsNetworkName(*draft.weights)) {
    collector.AddOne(kWeightsField, draft.weights, weight_digests_);
  }
  return names;
}

absl::StatusOr<std::string> InputReader::ReadPicture(const std::string& path) {
  const auto known = picture_digests_.find(path);
  if (known != picture_digests_.end()) return known->second;
  ASSIGN_OR_RETURN(const InputBytes input,
                   files_.Read(path, limits_.images.max_file_bytes));
  // All of it is read: a worker should not be the first to find a picture cut
  // short.
  ASSIGN_OR_RETURN(const Inspection picture,
                   Inspect(*input.bytes, limits_.images));
  if (!picture.warning.empty()) {
    warnings_.insert(absl::StrCat(path, ": ", picture.warning));
  }
  const std::string digest = HexDigest(*input.bytes);
  if (images_.count(digest) == 0) {
    v1::ImageDescription& description = images_[digest];
    description.set_digest(digest);
    description.set_width_px(picture.header.width_px);
    description.set_height_px(picture.header.height_px);
    description.set_name(DisplayName(path));
    as_masks_[digest] = picture.as_mask;
  }
  inputs_[digest] = {digest, path,
                     input.can_be_read_again ? nullptr : input.bytes};
  return picture_digests_[path] = digest;
}

absl::StatusOr<std::string> InputReader::ReadMask(const std::string& path) {
  ASSIGN_OR_RETURN(std::string digest, ReadPicture(path));
  RETURN_IF_ERROR(as_masks_.at(digest));
  return digest;
}

absl::StatusOr<WeightBytes> InputReader::LoadFile(const std::string& path) {
  ASSIGN_OR_RETURN(InputBytes input,
                   files_.Read(path, limits_.max_weight_bytes));
  return WeightBytes{path, HexDigest(*input.bytes), std::move(input.bytes)};
}

absl::StatusOr<std::string> InputReader::ReadWeights(
    const std::string& name_or_path) {
  const auto known = weight_digests_.find(name_or_path);
  if (known != weight_digests_.end()) return known->second;
  LoadOptions options;
  options.max_bytes = limits_.max_weight_bytes;
  // A pipe is read here; all else, also what is not there, by its own rules.
  std::error_code unknown;
  const bool is_pipe = !IsNetworkName(name_or_path) &&
                       std::filesystem::exists(name_or_path, unknown) &&
                       !std::filesystem::is_regular_file(name_or_path, unknown);
  ASSIGN_OR_RETURN(
      WeightBytes weights,
      is_pipe ? LoadFile(name_or_path) : LoadWeights(name_or_path, options));
  ASSIGN_OR_RETURN(NetworkDescription network, DescribeWeights(weights));
  network.name = DisplayName(weights.name);
  networks_.emplace(weights.digest, std::move(network));
  inputs_[weights.digest] = {weights.digest, name_or_path, weights.bytes};
  return weight_digests_[name_or_path] = weights.digest;
}

}  // namespace atelier
