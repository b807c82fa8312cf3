#include "client/lib/rerun.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/lib/file_finder.h"
#include "client/lib/input_reader.h"
#include "client/lib/job_check.h"
#include "common/digest.h"
#include "common/quoted_text.h"
#include "common/render/description.h"
#include "common/render/patch.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// A patch that names one file only, so that it is read as what it is.
RenderDraft DraftOfFile(FileKind kind, const std::string& path) {
  RenderDraft draft;
  switch (kind) {
    case FileKind::kPicture:
      draft.patch.content_digest = path;
      break;
    case FileKind::kMask:
      draft.patch.style_mask_digests = {path};
      break;
    case FileKind::kNetwork:
      draft.patch.weights_digest = path;
      break;
  }
  return draft;
}

double RelativeLossDifference(double a, double b) {
  if (a == b) return 0;
  const double difference =
      std::abs(a - b) / std::max(std::abs(a), std::abs(b));
  return std::isfinite(difference) ? difference
                                   : std::numeric_limits<double>::infinity();
}

double LargestDifference(const Losses& a, const Losses& b) {
  double largest = RelativeLossDifference(a.total, b.total);
  std::set<std::string> terms;
  for (const auto& [term, loss] : a.terms) terms.insert(term);
  for (const auto& [term, loss] : b.terms) terms.insert(term);
  const auto of = [](const Losses& losses, const std::string& term) {
    const auto found = losses.terms.find(term);
    return found == losses.terms.end() ? 0.0 : found->second;
  };
  for (const std::string& term : terms) {
    largest =
        std::max(largest, RelativeLossDifference(of(a, term), of(b, term)));
  }
  return largest;
}

}  // namespace

RerunInputs::RerunInputs(const RecordedRender& record, InputFiles& files,
                         const PrepareLimits& limits)
    : record_(record), files_(files), limits_(limits) {
  ForEachInput(record.patch, [&](const Parameter& input, int /*position*/,
                                 const std::string& digest) {
    inputs_.emplace(digest, Input{std::string(input.name), input.file, "", ""});
  });
  AddDescriptions(record.inputs);
}

void RerunInputs::AddDescriptions(const v1::JobSpec& spec) {
  const auto name = [this](const std::string& digest, const std::string& as) {
    Input& input = inputs_.at(digest);
    if (input.name.empty()) input.name = as;
  };
  for (const v1::ImageDescription& image : spec.images()) {
    if (inputs_.count(image.digest()) == 0) continue;
    images_.emplace(image.digest(), image);
    name(image.digest(), image.name());
  }
  for (const v1::NetworkDescription& network : spec.networks()) {
    if (inputs_.count(network.weights_digest()) == 0) continue;
    networks_.emplace(network.weights_digest(), network);
    name(network.weights_digest(), network.name());
  }
}

absl::Status RerunInputs::AddGiven(absl::string_view parameter,
                                   const std::string& path) {
  const bool is_network = parameter == "weights";
  std::string digest;
  if (is_network) {
    LoadOptions options;
    options.max_bytes = limits_.max_weight_bytes;
    const absl::StatusOr<WeightBytes> weights = LoadWeights(path, options);
    if (!weights.ok()) {
      return InvalidArgument(parameter, ": ", weights.status().message());
    }
    digest = weights->digest;
  } else {
    const absl::StatusOr<InputBytes> read =
        files_.Read(path, limits_.images.max_file_bytes);
    if (!read.ok()) {
      return InvalidArgument(parameter, ": ", read.status().message());
    }
    digest = HexDigest(*read->bytes);
  }
  const auto found = inputs_.find(digest);
  if (found != inputs_.end()) {
    found->second.path = path;
    return absl::OkStatus();
  }
  std::vector<std::string> wanted;
  for (const auto& [known, input] : inputs_) {
    if (input.parameter == parameter) wanted.push_back(known);
  }
  return InvalidArgument(parameter, ": ", path, " has the digest ", digest,
                         "; it is no input of this render, ",
                         wanted.empty()
                             ? absl::StrCat("which has no ", parameter)
                             : absl::StrCat("whose ", parameter, " is ",
                                            absl::StrJoin(wanted, " and ")));
}

void RerunInputs::TryNetwork(const std::string& name) {
  if (!IsNetworkName(name)) return;
  const absl::StatusOr<WeightBytes> weights = LoadWeights(name);
  if (!weights.ok()) return;
  const auto found = inputs_.find(weights->digest);
  if (found != inputs_.end() && found->second.path.empty()) {
    found->second.path = name;
  }
}

void RerunInputs::LookAround(const std::string& folder) {
  TryNetwork(std::string(kBuiltinNetwork));
  FileFinder finder;
  for (const std::string& digest : Lacking()) {
    Input& input = inputs_.at(digest);
    TryNetwork(input.name);
    if (input.path.empty()) {
      input.path = finder.Find(digest, input.name, folder);
    }
  }
}

std::vector<std::string> RerunInputs::Lacking() const {
  std::vector<std::string> lacking;
  for (const auto& [digest, input] : inputs_) {
    if (input.path.empty()) lacking.push_back(digest);
  }
  return lacking;
}

bool RerunInputs::IsDescribed(const std::string& digest) const {
  return images_.count(digest) > 0 || networks_.count(digest) > 0;
}

bool RerunInputs::HasUndescribed() const {
  const std::vector<std::string> lacking = Lacking();
  return std::any_of(
      lacking.begin(), lacking.end(),
      [this](const std::string& digest) { return !IsDescribed(digest); });
}

absl::Status RerunInputs::NotAtHand(
    const std::vector<std::string>& digests) const {
  std::vector<std::string> each;
  for (const std::string& digest : digests) {
    const auto found = inputs_.find(digest);
    if (found == inputs_.end()) continue;
    const Input& input = found->second;
    each.push_back(
        absl::StrCat(input.parameter, input.name.empty() ? "" : " ",
                     input.name.empty() ? "" : Quoted(input.name), " (SHA-256 ",
                     digest, "): give it with --",
                     absl::StrReplaceAll(input.parameter, {{"_", "-"}})));
  }
  return InvalidArgument(
      record_.name,
      ": not at hand, neither beside it nor with the coordinator: ",
      absl::StrJoin(each, "; "));
}

absl::StatusOr<PreparedJob> RerunInputs::Prepare() const {
  InputReader reader(limits_, files_);
  for (const std::string& digest : Lacking()) {
    const auto image = images_.find(digest);
    if (image != images_.end()) reader.AddKnown(image->second);
    const auto network = networks_.find(digest);
    if (network == networks_.end()) continue;
    ASSIGN_OR_RETURN(const NetworkDescription known,
                     FromProto(network->second));
    reader.AddKnown(known, digest);
  }
  for (const auto& [digest, input] : inputs_) {
    if (input.path.empty()) continue;
    RETURN_IF_ERROR(reader.Read(DraftOfFile(input.kind, input.path)).status());
  }
  JobDraft job;
  job.base.patch = record_.patch;
  PreparedJob prepared;
  std::set<std::string> warnings = reader.warnings();
  absl::Status checked =
      CheckJob(job, reader.images(), reader.networks(), limits_, warnings);
  if (!checked.ok()) return Annotate(checked, record_.name);
  prepared.warnings.assign(warnings.begin(), warnings.end());
  *prepared.spec.mutable_base() = ToProto(record_.patch);
  prepared.spec.set_no_cache(true);
  for (const auto& [digest, image] : reader.images()) {
    *prepared.spec.add_images() = image;
  }
  for (const auto& [digest, network] : reader.networks()) {
    v1::NetworkDescription& out = *prepared.spec.add_networks();
    out = ToProto(network);
    out.set_weights_digest(digest);
  }
  for (const auto& [digest, input] : reader.inputs()) {
    prepared.inputs.push_back(input);
  }
  ASSIGN_OR_RETURN(const NetworkDescription* const network,
                   NetworkOf(record_.patch, reader.networks()));
  ASSIGN_OR_RETURN(const Render render,
                   Resolve(record_.patch, *network, limits_.renders,
                           SizesOf(reader.images())));
  if (DescribeRender(render) == record_.description) return prepared;
  return InvalidArgument(
      record_.name,
      ": its parameters do not go together: this version of atelier would "
      "render ",
      DescribeRender(render), " of them");
}

bool RerunComparison::IsGood() const {
  return same_bytes || (losses_differ.has_value() &&
                        *losses_differ <= kAllowedLossDifference);
}

RerunComparison CompareWithRecorded(const RecordedRender& record,
                                    const v1::TaskResult& result) {
  RerunComparison comparison;
  comparison.same_bytes = !record.image_digest.empty() &&
                          record.image_digest == result.image_digest();
  if (record.losses.has_value()) {
    comparison.losses_differ =
        LargestDifference(*record.losses, FromProto(result.losses()));
  }
  if (comparison.same_bytes) {
    comparison.text = absl::StrCat("same bytes as ", record.name);
    return comparison;
  }
  if (record.image_digest.empty()) {
    comparison.text =
        absl::StrCat(record.name, " has no result to compare with");
    return comparison;
  }
  std::vector<absl::string_view> other;
  if (record.profile != result.profile()) other.emplace_back("profile");
  if (record.engine_version != result.engine_version()) {
    other.emplace_back("engine version");
  }
  std::string why = "profile and engine version are the same";
  if (record.profile.empty()) {
    why = "by which profile and engine version it was rendered is not recorded";
  } else if (!other.empty()) {
    why = absl::StrCat(absl::StrJoin(other, " and "),
                       other.size() == 1 ? " differs" : " differ");
  }
  comparison.text = absl::StrCat(
      "other bytes than ", record.name, ": ", why, "; ",
      comparison.losses_differ.has_value()
          ? absl::StrCat("losses differ by ", *comparison.losses_differ,
                         " (allowed ", kAllowedLossDifference, ")")
          : "its losses are not recorded");
  return comparison;
}

}  // namespace atelier
