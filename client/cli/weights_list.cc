#include <unistd.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/cli/weights_command.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// The conventions whose pre-processing the weights were trained with.
std::vector<std::string> ConventionsOf(absl::string_view preprocessing) {
  std::vector<std::string> names;
  for (const ConventionSpec& spec : AllConventions()) {
    if (spec.preprocessing.name == preprocessing) {
      names.emplace_back(spec.name);
    }
  }
  return names;
}

constexpr char kCatalogueKind[] = "catalogue";

// A network as both the table and --json list it; absent: not known.
struct Listed {
  std::string name;
  std::string kind;
  std::optional<int64_t> size_bytes;
  std::optional<std::string> sha256;
  std::string sha256_begins;
  std::string licence;
  std::optional<std::string> preprocessing;
  std::optional<std::string> url;
  std::optional<std::string> path;
  bool fetched = true;
};

Listed FromCatalogue(const CatalogueEntry& entry, const std::string& folder) {
  Listed listed;
  listed.name = std::string(entry.name);
  listed.kind = kCatalogueKind;
  if (entry.size_bytes > 0) listed.size_bytes = entry.size_bytes;
  if (entry.HasWholeDigest()) listed.sha256 = std::string(entry.sha256);
  listed.sha256_begins = std::string(entry.sha256.substr(0, 8));
  listed.licence = std::string(entry.licence);
  listed.preprocessing = std::string(entry.preprocessing);
  listed.url = std::string(entry.url);
  listed.path = CachePath(folder, entry);
  listed.fetched = access(listed.path->c_str(), R_OK) == 0;
  return listed;
}

// Networks that need no file.
absl::StatusOr<Listed> OwnNetwork(absl::string_view name, const char* kind) {
  ASSIGN_OR_RETURN(const WeightBytes weights, LoadWeights(std::string(name)));
  ASSIGN_OR_RETURN(const NetworkDescription network, DescribeWeights(weights));
  Listed listed;
  listed.name = std::string(name);
  listed.kind = kind;
  listed.size_bytes = weights.bytes->size();
  listed.sha256 = weights.digest;
  listed.sha256_begins = weights.digest.substr(0, 8);
  listed.licence = "Apache-2.0";
  listed.preprocessing = NullIfEmpty(network.preprocessing);
  return listed;
}

JsonObject ToJson(const Listed& listed) {
  return JsonObject()
      .Add("name", listed.name)
      .Add("kind", listed.kind)
      .Add("size_bytes", listed.size_bytes)
      .Add("sha256", listed.sha256)
      .Add("sha256_begins", listed.sha256_begins)
      .Add("licence", listed.licence)
      .Add("preprocessing", listed.preprocessing)
      .Add("conventions", ConventionsOf(listed.preprocessing.value_or("")))
      .Add("url", listed.url)
      .Add("path", listed.path)
      .Add("fetched", listed.fetched);
}

std::string TableOf(const std::vector<Listed>& list) {
  Table table(
      {"NAME", "BYTES", "HERE", "PRE-PROCESSING", "LICENCE", "SHA-256"});
  for (const Listed& listed : list) {
    table.Add({listed.name,
               listed.size_bytes.has_value() ? absl::StrCat(*listed.size_bytes)
                                             : "unknown",
               listed.kind != kCatalogueKind ? listed.kind
               : listed.fetched              ? "fetched"
                                             : "no",
               listed.preprocessing.value_or("any"), listed.licence,
               listed.sha256.value_or(absl::StrCat(
                   listed.sha256_begins, "... (the rest is not published)"))});
  }
  return table.TakeText();
}

absl::Status Run(Session& session, const std::string& cache_flag) {
  ASSIGN_OR_RETURN(const std::string folder, CacheFolder(cache_flag));
  std::vector<Listed> list;
  ASSIGN_OR_RETURN(list.emplace_back(),
                   OwnNetwork(kBuiltinNetwork, "built in"));
  ASSIGN_OR_RETURN(list.emplace_back(),
                   OwnNetwork(kSyntheticVgg19, "synthetic"));
  for (const CatalogueEntry& entry : session.environment().catalogue) {
    list.push_back(FromCatalogue(entry, folder));
  }
  session.environment().out
      << (session.flags.json
              ? JsonObject().Add("weights", ToJsonList(list)).Line()
              : TableOf(list))
      << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddWeightsList(Command& weights, Session& session) {
  auto cache = std::make_shared<std::string>();
  Command& command = weights.AddCommand(
      "list", "Networks that are built in, and files that can be fetched");
  AddCacheFlag(command, *cache);
  AddOutputFlags(command, session, "  atelier weights list\n");
  command.SetAction([&session, cache] { return Run(session, *cache); });
}

}  // namespace atelier
