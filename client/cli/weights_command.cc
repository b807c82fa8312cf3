// `atelier weights`: the networks that have a name, and files of the catalogue.
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/progress.h"
#include "client/cli/status_line.h"
#include "client/cli/table.h"
#include "client/lib/download.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// --cache, and the folder that it or its absence means.
void AddCacheFlag(Command& command, std::string& folder) {
  command
      .AddOption("--cache", folder,
                 "Folder of fetched files ($XDG_CACHE_HOME/atelier/weights); "
                 "--weights NAME looks in the default one only")
      .Type("DIR");
}

absl::StatusOr<std::string> CacheFolder(const std::string& flag) {
  if (!flag.empty()) return flag;
  return DefaultWeightsCache();
}

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

absl::Status RunList(Session& session, const std::string& cache_flag) {
  ASSIGN_OR_RETURN(const std::string folder, CacheFolder(cache_flag));
  std::vector<Listed> list;
  ASSIGN_OR_RETURN(list.emplace_back(),
                   OwnNetwork(kBuiltinNetwork, "built in"));
  ASSIGN_OR_RETURN(list.emplace_back(),
                   OwnNetwork(kSyntheticVgg19, "synthetic"));
  for (const CatalogueEntry& entry : session.environment().catalogue) {
    list.push_back(FromCatalogue(entry, folder));
  }
  session.out() << (session.flags.json
                        ? JsonObject().Add("weights", ToJsonList(list)).Line()
                        : TableOf(list))
                << std::flush;
  return absl::OkStatus();
}

void AddWeightsList(Command& weights, Session& session) {
  auto cache = std::make_shared<std::string>();
  Command& command = weights.AddCommand(
      "list", "Networks that are built in, and files that can be fetched");
  AddCacheFlag(command, *cache);
  AddOutputFlags(command, session, "  atelier weights list\n");
  command.SetAction([&session, cache] { return RunList(session, *cache); });
}

struct WeightsFetchArguments {
  std::string name;
  std::string output;
  std::string from;
  std::string cache;
};

absl::StatusOr<const CatalogueEntry*> FindEntry(
    const std::string& name, absl::Span<const CatalogueEntry> catalogue) {
  const CatalogueEntry* const found = FindInCatalogue(name, catalogue);
  if (found != nullptr) return found;
  std::vector<absl::string_view> names;
  for (const CatalogueEntry& entry : catalogue) names.push_back(entry.name);
  return InvalidArgument("weights '", name, "' are not in the catalogue",
                         Suggest(name, names));
}

// A line that is written over as the bytes come; nothing without a terminal.
class DownloadBar {
 public:
  DownloadBar(Session& session, std::string name)
      : clock_(session.environment().clock),
        name_(std::move(name)),
        columns_(session.status_columns()),
        line_(session.environment().err, columns_) {}

  void Show(int64_t done_bytes, int64_t total_bytes) {
    constexpr absl::Duration kPace = absl::Milliseconds(200);
    const absl::Time now = clock_.Now();
    if (!line_.is_there() || now - last_at_ < kPace) return;
    last_at_ = now;
    constexpr int64_t kMega = 1'000'000;
    const double fraction =
        total_bytes > 0
            ? static_cast<double>(done_bytes) / static_cast<double>(total_bytes)
            : 0;
    const std::string text =
        total_bytes > 0
            ? absl::StrCat(done_bytes / kMega, "/", total_bytes / kMega, " MB")
            : absl::StrCat(done_bytes / kMega, " MB");
    line_.Show(ProgressBar(name_, fraction, text, columns_));
  }

 private:
  Clock& clock_;
  const std::string name_;
  const int columns_;
  StatusLine line_;
  absl::Time last_at_ = absl::InfinitePast();
};

void Report(Session& session, const CatalogueEntry& entry,
            const std::string& path, const Downloaded& file) {
  if (session.flags.json) {
    session.out() << JsonObject()
                         .Add("name", entry.name)
                         .Add("path", path)
                         .Add("sha256", file.digest)
                         .Add("sha256_wholly_published", entry.HasWholeDigest())
                         .Add("size_bytes", file.size_bytes)
                         .Add("resumed_from", file.resumed_from)
                         .Line();
    return;
  }
  if (session.flags.quiet) return;
  session.environment().err
      << entry.name << ": " << EscapedText(path) << ", " << file.size_bytes
      << " bytes, SHA-256 " << file.digest
      << (entry.HasWholeDigest()
              ? " as published"
              : " (its first 8 digits are as published, the rest is not)")
      << std::endl;
}

// A file that is in the cache already, if it is the right one.
absl::StatusOr<Downloaded> CheckCached(const CatalogueEntry& entry,
                                       const std::string& path) {
  Downloaded file;
  ASSIGN_OR_RETURN(file.digest, HexDigestOfFile(path));
  if (!entry.Matches(file.digest)) {
    return absl::DataLossError(absl::StrCat(
        path, " has SHA-256 ", file.digest, ", which is not ", entry.sha256,
        entry.HasWholeDigest() ? "" : "...", "; delete it to fetch it again"));
  }
  file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(path));
  file.resumed_from = file.size_bytes;
  return file;
}

absl::StatusOr<Downloaded> Fetch(Session& session,
                                 const WeightsFetchArguments& arguments,
                                 const CatalogueEntry& entry,
                                 const std::string& path) {
  DownloadOptions options;
  options.url =
      arguments.from.empty() ? std::string(entry.url) : arguments.from;
  options.path = path;
  options.sha256 = std::string(entry.sha256);
  options.size_bytes = entry.size_bytes;
  DownloadBar bar(session, arguments.name);
  options.on_progress = [&bar](int64_t done_bytes, int64_t total_bytes) {
    bar.Show(done_bytes, total_bytes);
  };
  return Download(options, session.environment().interruption.stop());
}

// Where the file goes: to --output, or into the cache.
absl::StatusOr<std::string> TargetOf(const WeightsFetchArguments& arguments,
                                     const CatalogueEntry& entry) {
  if (arguments.output.empty()) {
    ASSIGN_OR_RETURN(const std::string cache, CacheFolder(arguments.cache));
    RETURN_IF_ERROR(MakeFolders(cache));
    return CachePath(cache, entry);
  }
  std::error_code unknown;
  const auto folder = std::filesystem::path(arguments.output).parent_path();
  if (folder.empty() || std::filesystem::is_directory(folder, unknown)) {
    return arguments.output;
  }
  return InvalidArgument("output: ", Quoted(folder.string()),
                         " is no folder that is there");
}

absl::Status RunFetch(Session& session,
                      const WeightsFetchArguments& arguments) {
  ASSIGN_OR_RETURN(const CatalogueEntry* const entry,
                   FindEntry(arguments.name, session.environment().catalogue));
  ASSIGN_OR_RETURN(const std::string path, TargetOf(arguments, *entry));
  std::error_code unknown;
  const bool is_cached =
      arguments.output.empty() && std::filesystem::exists(path, unknown);
  ASSIGN_OR_RETURN(const Downloaded file,
                   is_cached ? CheckCached(*entry, path)
                             : Fetch(session, arguments, *entry, path));
  Report(session, *entry, path, file);
  return absl::OkStatus();
}

void AddWeightsFetch(Command& weights, Session& session) {
  auto arguments = std::make_shared<WeightsFetchArguments>();
  Command& command = weights.AddCommand(
      "fetch", "Download a file of the catalogue, for --weights NAME");
  command.AddOption("name", arguments->name, "As 'atelier weights list' has it")
      .Type("NAME")
      .Required();
  command
      .AddOption("-o,--output", arguments->output,
                 "File to write instead; one that exists stays")
      .Type("FILE");
  command
      .AddOption("--from", arguments->from,
                 "Another place to fetch the same bytes from")
      .Type("URL");
  AddCacheFlag(command, arguments->cache);
  AddOutputFlags(command, session,
                 "  atelier weights fetch vgg19\n"
                 "  atelier render --weights vgg19 ...\n");
  command.SetAction(
      [&session, arguments] { return RunFetch(session, *arguments); });
}

}  // namespace

void AddWeightsCommand(Command& app, Session& session) {
  Command& weights =
      app.AddCommand("weights", "List, inspect and fetch weight files")
          .Group("Look");
  weights.RequireCommand();
  weights.SetFooter(
      absl::StrCat("Examples:\n  atelier weights list\n"
                   "  atelier weights fetch vgg19\n"
                   "  atelier weights inspect FILE.pth\n\n",
                   kExitCodesHelp));
  AddWeightsList(weights, session);
  AddWeightsInspect(weights, session);
  AddWeightsFetch(weights, session);
}

}  // namespace atelier
