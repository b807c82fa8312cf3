#include "client/lib/input_reader.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {

absl::StatusOr<RenderPatch> InputReader::Read(const RenderDraft& draft) {
  RenderPatch patch = draft.patch;
  absl::Status status;
  ForEachInput(
      patch, [&](const Parameter& input, int /*position*/, std::string& file) {
        if (status.ok()) status = ReplaceByDigest(input, file);
      });
  if (!status.ok()) return status;
  return patch;
}

absl::StatusOr<v1::AxisValue> InputReader::ReplaceFiles(AxisValueDraft& value) {
  ASSIGN_OR_RETURN(RenderPatch set, Read(value.set));
  v1::AxisValue out;
  out.set_label(value.label);
  *out.mutable_set() = ToProto(set);
  for (v1::InputName& name : OwnNames(value.set)) {
    *out.add_input_names() = std::move(name);
  }
  value.set.patch = std::move(set);
  return out;
}

absl::Status InputReader::ReplaceByDigest(const Parameter& input,
                                          std::string& file) {
  if (file.find('\0') != std::string::npos) {
    return FieldError(
        input.name,
        absl::StrCat(Quoted(file), " has a zero byte; no file is called so"));
  }
  absl::StatusOr<std::string> digest = DigestOf(input.file, file);
  if (digest.ok()) {
    file = *std::move(digest);
    return absl::OkStatus();
  }
  // Whatever keeps an input from being read is the caller's to put right, so
  // every error is InvalidArgument.
  const absl::string_view why = digest.status().message();
  return FieldError(input.name, absl::StrContains(why, file)
                                    ? std::string(why)
                                    : absl::StrCat(file, ": ", why));
}

absl::StatusOr<std::string> InputReader::DigestOf(FileKind kind,
                                                  const std::string& file) {
  switch (kind) {
    case FileKind::kPicture:
      return ReadPicture(file);
    case FileKind::kMask:
      return ReadMask(file);
    case FileKind::kNetwork:
      return ReadWeights(file);
  }
  return absl::InternalError("no such kind of file");
}

const std::string& InputReader::DescribedName(const std::string& digest) const {
  const auto image = images_.find(digest);
  return image != images_.end() ? image->second.name()
                                : networks_.at(digest).name;
}

std::vector<v1::InputName> InputReader::OwnNames(
    const RenderDraft& draft) const {
  std::vector<v1::InputName> names;
  ForEachInput(draft.patch, [&](const Parameter& input, int position,
                                const std::string& file) {
    const bool is_network = input.file == FileKind::kNetwork;
    if (is_network && IsNetworkName(file)) return;
    const std::string& digest =
        (is_network ? weight_digests_ : picture_digests_).at(file);
    std::string name = DisplayName(file);
    if (name.empty() || name == DescribedName(digest)) return;
    v1::InputName& own = names.emplace_back();
    own.set_field(std::string(input.wire_name));
    own.set_position(position);
    own.set_name(std::move(name));
  });
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
  }
  as_masks_[digest] = picture.as_mask;
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
