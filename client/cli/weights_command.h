// The parts of `atelier weights`, one source each.
#ifndef ATELIER_CLIENT_CLI_WEIGHTS_COMMAND_H_
#define ATELIER_CLIENT_CLI_WEIGHTS_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/weights/catalogue.h"

namespace atelier {

class Command;
class Session;

/// Each adds its command below `weights`.
void AddWeightsList(Command& weights, Session& session);
void AddWeightsInspect(Command& weights, Session& session);
void AddWeightsFetch(Command& weights, Session& session);

/// --cache, and the folder that it or its absence means.
void AddCacheFlag(Command& command, std::string& folder);
absl::StatusOr<std::string> CacheFolder(const std::string& flag);

/// All digits of its SHA-256, or "dcbb9e9d..." where only those are published.
std::string DigestText(const CatalogueEntry& entry);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_WEIGHTS_COMMAND_H_
