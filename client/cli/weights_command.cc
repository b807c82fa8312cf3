#include "client/cli/weights_command.h"

#include "absl/strings/str_cat.h"
#include "client/cli/exit_code.h"

namespace atelier {

void AddCacheFlag(CLI::App& command, std::string& folder) {
  command
      .add_option("--cache", folder,
                  "Folder of fetched files ($XDG_CACHE_HOME/atelier/weights); "
                  "--weights NAME looks in the default one only")
      ->type_name("DIR");
}

absl::StatusOr<std::string> CacheFolder(const std::string& flag) {
  if (!flag.empty()) return flag;
  return DefaultWeightsCache();
}

std::string DigestText(const CatalogueEntry& entry) {
  return absl::StrCat(entry.sha256, entry.HasWholeDigest() ? "" : "...");
}

void AddWeightsCommand(CLI::App& app, Session& session, Action& action) {
  CLI::App& weights =
      *app.add_subcommand("weights", "List, inspect and fetch weight files")
           ->group("Look")
           ->require_subcommand(1);
  weights.footer(
      absl::StrCat("Examples:\n  atelier weights list\n"
                   "  atelier weights fetch vgg19\n"
                   "  atelier weights inspect FILE.pth\n\n",
                   kExitCodesHelp));
  AddWeightsList(weights, session, action);
  AddWeightsInspect(weights, session, action);
  AddWeightsFetch(weights, session, action);
}

}  // namespace atelier
