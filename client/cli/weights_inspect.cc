#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// "64 64 / 128 128": a slash for each pool.
std::string BlocksText(const NetworkDescription& network) {
  return absl::StrJoin(network.blocks, " / ",
                       [](std::string* out, const std::vector<int>& block) {
                         absl::StrAppend(out, absl::StrJoin(block, " "));
                       });
}

std::string IgnoredText(const std::vector<std::string>& names) {
  constexpr size_t kShown = 4;
  if (names.empty()) return "none";
  const size_t shown = std::min(kShown, names.size());
  return absl::StrCat(names.size(), ": ",
                      absl::StrJoin(names.begin(), names.begin() + shown, ", "),
                      shown < names.size() ? ", ..." : "");
}

JsonObject ToJson(const WeightBytes& weights, const WeightDetails& details,
                  const std::string& catalogued) {
  const NetworkDescription& network = details.network;
  return JsonObject()
      .Add("file", weights.name)
      .Add("format", Name(details.format))
      .Add("architecture", network.architecture)
      .Add("blocks", network.blocks)
      .Add("dtypes", std::vector<std::string>(details.dtypes.begin(),
                                              details.dtypes.end()))
      .Add("padding", Name(network.padding))
      .Add("pooling", Name(network.pooling))
      .Add("preprocessing", NullIfEmpty(network.preprocessing))
      .Add("key_naming", Name(details.naming))
      .Add("key_prefix", details.key_prefix)
      .Add("batch_norm_folded", details.batch_norm)
      .Add("ignored", details.ignored)
      .Add("catalogue_name", NullIfEmpty(catalogued))
      .Add("sha256", weights.digest)
      .Add("size_bytes", weights.bytes->size());
}

std::string ToText(const WeightBytes& weights, const WeightDetails& details,
                   const std::string& catalogued) {
  const NetworkDescription& network = details.network;
  const std::string& preprocessing = network.preprocessing;
  Table table({"file", weights.name});
  table.Add({"format", std::string(Name(details.format))});
  table.Add({"architecture", network.architecture});
  table.Add({"channels", BlocksText(network)});
  table.Add({"number type", absl::StrJoin(details.dtypes, ", ")});
  table.Add({"padding", std::string(Name(network.padding))});
  table.Add({"pooling", std::string(Name(network.pooling))});
  table.Add(
      {"pre-processing", preprocessing.empty() ? "not said" : preprocessing});
  table.Add(
      {"key names", absl::StrCat(Name(details.naming),
                                 details.key_prefix.empty() ? "" : ", after ",
                                 details.key_prefix)});
  table.Add({"batch norm",
             details.batch_norm ? "folded into the convolutions" : "none"});
  table.Add({"ignored tensors", IgnoredText(details.ignored)});
  table.Add({"in the catalogue", catalogued.empty() ? "no" : catalogued});
  table.Add({"SHA-256", weights.digest});
  table.Add({"bytes", absl::StrCat(weights.bytes->size())});
  return table.TakeText();
}

absl::Status RunInspect(Session& session, const std::string& name_or_path) {
  const absl::StatusOr<WeightBytes> weights = LoadWeights(name_or_path);
  // Whatever keeps a file from being read is the caller's to put right.
  if (!weights.ok()) return InvalidArgument(weights.status().message());
  absl::StatusOr<WeightDetails> details = InspectWeights(*weights);
  if (!details.ok()) return InvalidArgument(details.status().message());
  std::string& preprocessing = details->network.preprocessing;
  std::string catalogued;
  if (const CatalogueEntry* const entry = FindByDigest(weights->digest)) {
    catalogued = std::string(entry->name);
    if (preprocessing.empty()) {
      preprocessing = std::string(entry->preprocessing);
    }
  }
  session.out() << (session.flags.json
                        ? ToJson(*weights, *details, catalogued).Line()
                        : ToText(*weights, *details, catalogued))
                << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddWeightsInspect(Command& weights, Session& session) {
  auto file = std::make_shared<std::string>();
  Command& command = weights.AddCommand(
      "inspect", "Say what network a weight file holds, and how");
  command.AddOption("file", *file, "safetensors or PyTorch .pth, or a name")
      .Type("FILE")
      .Required();
  AddOutputFlags(command, session, "  atelier weights inspect vgg19.pth\n");
  command.SetAction([&session, file] { return RunInspect(session, *file); });
}

}  // namespace atelier
