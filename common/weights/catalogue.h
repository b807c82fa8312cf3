// Weight files that others publish and Atelier knows by name.
#ifndef ATELIER_COMMON_WEIGHTS_CATALOGUE_H_
#define ATELIER_COMMON_WEIGHTS_CATALOGUE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace atelier {

/// What is known for sure of a published file. docs/weights.md says
/// from where.
struct CatalogueEntry {
  absl::string_view name;       ///< "vgg19": for --weights.
  absl::string_view file_name;  ///< As its publisher calls it.
  absl::string_view url;
  int64_t size_bytes = 0;  ///< 0 where the size is not known for sure.
  /// All 64 hex digits of its SHA-256, or, where only those are published, the
  /// first 8, which its file name gives.
  absl::string_view sha256;
  absl::string_view licence;        ///< By its SPDX name.
  absl::string_view preprocessing;  ///< A Preprocessing's name.

  bool HasWholeDigest() const;
  /// Whether a file with this digest is, as far as is published, this one.
  bool Matches(absl::string_view digest) const;
};

/// Lives as long as the process.
absl::Span<const CatalogueEntry> Catalogue();

/// Null where the catalogue has no such name.
const CatalogueEntry* FindInCatalogue(
    absl::string_view name,
    absl::Span<const CatalogueEntry> catalogue = Catalogue());
/// The entry that a file with this digest is. Null where it is none.
const CatalogueEntry* FindByDigest(absl::string_view digest);

/// Where fetched weights are kept: atelier/weights in $XDG_CACHE_HOME, or in
/// ~/.cache.
/// Errors: FailedPrecondition (neither XDG_CACHE_HOME nor HOME is set).
absl::StatusOr<std::string> DefaultWeightsCache();

/// The entry's place in a cache folder.
std::string CachePath(const std::string& cache_folder,
                      const CatalogueEntry& entry);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_CATALOGUE_H_
