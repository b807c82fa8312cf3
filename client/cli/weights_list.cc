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

bool IsHere(const std::string& folder, const CatalogueEntry& entry) {
  return access(CachePath(folder, entry).c_str(), R_OK) == 0;
}

Json ToJson(const CatalogueEntry& entry, const std::string& folder) {
  Json json;
  json["name"] = entry.name;
  json["kind"] = "catalogue";
  json["size_bytes"] = entry.size_bytes > 0 ? Json(entry.size_bytes) : Json();
  json["sha256"] = entry.HasWholeDigest() ? Json(entry.sha256) : Json();
  json["sha256_begins"] = entry.sha256.substr(0, 8);
  json["licence"] = entry.licence;
  json["preprocessing"] = entry.preprocessing;
  json["conventions"] = ConventionsOf(entry.preprocessing);
  json["url"] = entry.url;
  json["path"] = CachePath(folder, entry);
  json["fetched"] = IsHere(folder, entry);
  return json;
}

// Networks that need no file.
absl::StatusOr<Json> OwnToJson(absl::string_view name, const char* kind) {
  ASSIGN_OR_RETURN(const WeightBytes weights, LoadWeights(std::string(name)));
  ASSIGN_OR_RETURN(const NetworkDescription network, DescribeWeights(weights));
  Json json;
  json["name"] = name;
  json["kind"] = kind;
  json["size_bytes"] = weights.bytes->size();
  json["sha256"] = weights.digest;
  json["sha256_begins"] = weights.digest.substr(0, 8);
  json["licence"] = "Apache-2.0";
  json["preprocessing"] =
      network.preprocessing.empty() ? Json() : Json(network.preprocessing);
  json["conventions"] = ConventionsOf(network.preprocessing);
  json["url"] = nullptr;
  json["path"] = nullptr;
  json["fetched"] = true;
  return json;
}

std::string TextOf(const Json& json, const char* key) {
  return json[key].is_null() ? "" : json[key].get<std::string>();
}

std::string TableOf(const Json& list) {
  Table table(
      {"NAME", "BYTES", "HERE", "PRE-PROCESSING", "LICENCE", "SHA-256"});
  for (const Json& json : list) {
    const bool is_ours = json["kind"] != "catalogue";
    table.Add(
        {json["name"].get<std::string>(),
         json["size_bytes"].is_null() ? "unknown" : json["size_bytes"].dump(),
         is_ours           ? TextOf(json, "kind")
         : json["fetched"] ? "fetched"
                           : "no",
         json["preprocessing"].is_null() ? "any"
                                         : TextOf(json, "preprocessing"),
         TextOf(json, "licence"),
         json["sha256"].is_null()
             ? absl::StrCat(TextOf(json, "sha256_begins"),
                            "... (the rest is not published)")
             : TextOf(json, "sha256")});
  }
  return table.TakeText();
}

absl::Status Run(Session& session, const std::string& cache_flag) {
  ASSIGN_OR_RETURN(const std::string folder, CacheFolder(cache_flag));
  Json list = Json::array();
  ASSIGN_OR_RETURN(const Json builtin, OwnToJson(kBuiltinNetwork, "built in"));
  ASSIGN_OR_RETURN(const Json synthetic,
                   OwnToJson(kSyntheticVgg19, "synthetic"));
  list.push_back(builtin);
  list.push_back(synthetic);
  for (const CatalogueEntry& entry : session.environment().catalogue) {
    list.push_back(ToJson(entry, folder));
  }
  session.environment().out
      << (session.flags.json ? Line({{"weights", list}}) : TableOf(list))
      << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddWeightsList(CLI::App& weights, Session& session, Action& action) {
  auto cache = std::make_shared<std::string>();
  CLI::App& command = *weights.add_subcommand(
      "list", "Networks that are built in, and files that can be fetched");
  AddCacheFlag(command, *cache);
  AddOutputFlags(command, session, "  atelier weights list\n");
  command.callback([&session, &action, cache] {
    action = [&session, cache] { return Run(session, *cache); };
  });
}

}  // namespace atelier
