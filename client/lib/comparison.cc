#include "client/lib/comparison.h"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/recorded_render.h"
#include "common/digest.h"
#include "common/image/image.h"
#include "common/quoted_text.h"
#include "common/render/patch.h"
#include "common/render/resolve.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Of the ratio of sides; rounding to whole pixels makes less of a difference.
constexpr double kMostStretching = 0.02;

absl::StatusOr<InputBytes> ReadBytes(InputFiles& files,
                                     const std::string& path) {
  return files.Read(path, DecodeLimits().max_file_bytes);
}

// The message, with the file's name where it lacks it.
std::string WithPath(const std::string& path, const absl::Status& why) {
  return absl::StrContains(why.message(), path)
             ? std::string(why.message())
             : absl::StrCat(path, ": ", why.message());
}

std::string SizeText(int width_px, int height_px) {
  return absl::StrCat(width_px, "x", height_px, " px");
}

std::string NameOf(const v1::JobSpec& inputs, const std::string& digest) {
  for (const v1::ImageDescription& image : inputs.images()) {
    if (image.digest() == digest) return image.name();
  }
  return "";
}

// Files of a render that its metadata names by digest alone.
class RecordedInputs {
 public:
  RecordedInputs(const std::string& picture, RecordedRender& record,
                 FileFinder& finder)
      : picture_(picture), record_(record), finder_(finder) {}

  // Errors: NotFound (what it is, and how to give it).
  absl::StatusOr<ComparedInput> Find(absl::string_view what,
                                     const std::string& digest) {
    std::string path = finder_.FindKnown(digest);
    std::string name;
    if (path.empty()) {
      ReadNames();
      name = NameOf(record_.inputs, digest);
      path = finder_.Find(
          digest, name, std::filesystem::path(picture_).parent_path().string());
    }
    if (!path.empty()) return ComparedInput{digest, path, 1};
    return absl::NotFoundError(absl::StrCat(
        "its ", what, name.empty() ? "" : " ", name.empty() ? "" : Quoted(name),
        " (SHA-256 ", digest, ") is not beside it; give it with --", what));
  }

 private:
  // Of many pictures most share inputs that were found.
  void ReadNames() {
    if (!has_names_) AddDocumentBeside(picture_, record_);
    has_names_ = true;
  }

  const std::string& picture_;
  RecordedRender& record_;
  FileFinder& finder_;
  bool has_names_ = false;
};

}  // namespace

absl::StatusOr<ComparisonInputs> ComparisonInputs::Make(
    const GivenInputs& given, InputFiles& files) {
  ComparisonInputs inputs(files);
  if (!given.content.empty()) {
    ASSIGN_OR_RETURN(inputs.content_,
                     inputs.ReadGiven("--content", given.content));
  }
  RenderPatch patch;
  if (!given.styles.empty()) patch.style_digests = given.styles;
  if (!given.style_blend.empty()) patch.style_blend = given.style_blend;
  if (!patch.style_digests.has_value() && !patch.style_blend.has_value()) {
    return inputs;
  }
  if (!patch.style_digests.has_value()) {
    return InvalidArgument(
        "--style-blend: are the shares of the styles that --style gives; give "
        "these too");
  }
  RETURN_IF_ERROR(ValidatePatch(patch));
  ASSIGN_OR_RETURN(const std::vector<StyleInput> styles, ResolveStyles(patch));
  for (const StyleInput& style : styles) {
    ASSIGN_OR_RETURN(ComparedInput input,
                     inputs.ReadGiven("--style", style.picture));
    input.share = style.blend;
    inputs.styles_.push_back(std::move(input));
  }
  return inputs;
}

absl::StatusOr<ComparedInput> ComparisonInputs::ReadGiven(
    absl::string_view flag, const std::string& path) {
  const absl::StatusOr<InputBytes> read = ReadBytes(*files_, path);
  const absl::Status header =
      read.ok() ? ReadHeader(*read->bytes).status() : read.status();
  if (!header.ok()) return InvalidArgument(flag, ": ", WithPath(path, header));
  ComparedInput input{HexDigest(*read->bytes), path, 1};
  finder_.Add(input.digest, path);
  return input;
}

ComparedPicture ComparisonInputs::Read(const std::string& path) {
  ComparedPicture picture;
  picture.path = path;
  const absl::Status read = ReadPicture(picture);
  if (!read.ok()) picture.error = WithPath(path, read);
  return picture;
}

absl::Status ComparisonInputs::ReadPicture(ComparedPicture& picture) {
  ASSIGN_OR_RETURN(const InputBytes read, ReadBytes(*files_, picture.path));
  picture.digest = HexDigest(*read.bytes);
  ASSIGN_OR_RETURN(const ImageHeader header, ReadHeader(*read.bytes));
  picture.width_px = header.width_px;
  picture.height_px = header.height_px;
  picture.content = content_;
  picture.styles = styles_;
  FindRecorded(*read.bytes, picture);
  NoteStretching(picture);
  return absl::OkStatus();
}

void ComparisonInputs::FindRecorded(const std::string& bytes,
                                    ComparedPicture& picture) {
  const absl::StatusOr<std::string> description = ReadDescription(bytes);
  if (!description.ok() || description->empty()) return;
  absl::StatusOr<RecordedRender> record =
      ReadRecordedPicture(picture.path, bytes);
  if (!record.ok()) {
    // Other programs describe their pictures, too.
    if (!absl::StartsWith(*description, "{")) return;
    picture.notes.push_back(absl::StrCat(
        "its metadata is of no render that this version of atelier can read: ",
        record.status().message()));
    return;
  }
  picture.is_result = true;
  RecordedInputs inputs(picture.path, *record, finder_);
  const std::string content = record->patch.content_digest.value_or("");
  if (!picture.content.has_value() && !content.empty()) {
    const auto found = inputs.Find("content", content);
    if (found.ok()) picture.content = *found;
    if (!found.ok()) picture.notes.emplace_back(found.status().message());
  }
  if (!picture.styles.empty() || !record->patch.style_digests.has_value()) {
    return;
  }
  std::vector<ComparedInput> found_all;
  const auto styles = ResolveStyles(record->patch);
  for (const StyleInput& style : styles.value_or(std::vector<StyleInput>())) {
    auto found = inputs.Find("style", style.picture);
    if (!found.ok()) {
      // A part of a blend says little of a distance to it.
      picture.notes.emplace_back(found.status().message());
      return;
    }
    found->share = style.blend;
    found_all.push_back(*std::move(found));
  }
  picture.styles = std::move(found_all);
}

void ComparisonInputs::NoteStretching(ComparedPicture& picture) {
  if (!picture.content.has_value()) return;
  const std::string& path = picture.content->path;
  const auto [sides, is_new] = sides_.try_emplace(path);
  if (is_new) {
    const absl::StatusOr<InputBytes> read = ReadBytes(*files_, path);
    if (!read.ok()) return;
    const absl::StatusOr<ImageHeader> header = ReadHeader(*read->bytes);
    if (!header.ok()) return;
    sides->second = {header->width_px, header->height_px};
  }
  const auto [width_px, height_px] = sides->second;
  if (width_px == 0) return;
  const double ratio = static_cast<double>(picture.width_px) * height_px /
                       (static_cast<double>(picture.height_px) * width_px);
  if (std::abs(ratio - 1) <= kMostStretching) return;
  picture.notes.push_back(absl::StrCat(
      "it has ", SizeText(picture.width_px, picture.height_px),
      ", and its content ", path, " ", SizeText(width_px, height_px),
      ", which is stretched to be compared with it"));
}

}  // namespace atelier
