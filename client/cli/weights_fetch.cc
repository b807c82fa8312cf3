#include <filesystem>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/progress.h"
#include "client/cli/status_line.h"
#include "client/cli/weights_command.h"
#include "client/lib/download.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct Arguments {
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
  DownloadBar(Environment& environment, std::string name, bool quiet)
      : environment_(environment),
        name_(std::move(name)),
        line_(environment.err, quiet ? 0 : environment.terminal_columns) {}

  void Show(int64_t done_bytes, int64_t total_bytes) {
    constexpr absl::Duration kPace = absl::Milliseconds(200);
    const absl::Time now = environment_.clock.Now();
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
    line_.Show(
        ProgressBar(name_, fraction, text, environment_.terminal_columns));
  }

 private:
  Environment& environment_;
  const std::string name_;
  StatusLine line_;
  absl::Time last_at_ = absl::InfinitePast();
};

void Report(Session& session, const CatalogueEntry& entry,
            const std::string& path, const Downloaded& file) {
  if (session.flags.json) {
    session.environment().out
        << JsonObject()
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
    return absl::DataLossError(
        absl::StrCat(path, " has SHA-256 ", file.digest, ", which is not ",
                     DigestText(entry), "; delete it to fetch it again"));
  }
  file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(path));
  file.resumed_from = file.size_bytes;
  return file;
}

absl::StatusOr<Downloaded> Fetch(Session& session, const Arguments& arguments,
                                 const CatalogueEntry& entry,
                                 const std::string& path) {
  Environment& environment = session.environment();
  DownloadOptions options;
  options.url =
      arguments.from.empty() ? std::string(entry.url) : arguments.from;
  options.path = path;
  options.sha256 = std::string(entry.sha256);
  options.size_bytes = entry.size_bytes;
  DownloadBar bar(environment, arguments.name, session.flags.quiet);
  options.on_progress = [&bar](int64_t done_bytes, int64_t total_bytes) {
    bar.Show(done_bytes, total_bytes);
  };
  return Download(options, environment.interruption.stop());
}

absl::Status Run(Session& session, const Arguments& arguments) {
  ASSIGN_OR_RETURN(const CatalogueEntry* const entry,
                   FindEntry(arguments.name, session.environment().catalogue));
  std::string path = arguments.output;
  std::error_code unreadable;
  const std::filesystem::path folder_of_output =
      std::filesystem::path(path).parent_path();
  if (!folder_of_output.empty() &&
      !std::filesystem::is_directory(folder_of_output, unreadable)) {
    return InvalidArgument("output: ", Quoted(folder_of_output.string()),
                           " is no folder that is there");
  }
  if (path.empty()) {
    ASSIGN_OR_RETURN(const std::string folder, CacheFolder(arguments.cache));
    RETURN_IF_ERROR(MakeFolders(folder));
    path = CachePath(folder, *entry);
    if (std::filesystem::exists(path, unreadable)) {
      ASSIGN_OR_RETURN(const Downloaded file, CheckCached(*entry, path));
      Report(session, *entry, path, file);
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(const Downloaded file,
                   Fetch(session, arguments, *entry, path));
  Report(session, *entry, path, file);
  return absl::OkStatus();
}

}  // namespace

void AddWeightsFetch(Command& weights, Session& session) {
  auto arguments = std::make_shared<Arguments>();
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
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
