#include "client/cli/weights_command.h"

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "common/cli/command_line.h"

namespace atelier {

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

std::string DigestText(const CatalogueEntry& entry) {
  return absl::StrCat(entry.sha256, entry.HasWholeDigest() ? "" : "...");
}

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
