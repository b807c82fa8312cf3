#include "common/weights/catalogue.h"

#include <array>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr size_t kWholeDigest = 64;
constexpr absl::string_view kTorchvisionLicence = "BSD-3-Clause";
constexpr absl::string_view kOxfordLicence = "CC-BY-4.0";
constexpr absl::string_view kUnitRgb = "imagenet-unit-rgb";
constexpr absl::string_view kCaffe = "caffe-255-bgr";

constexpr std::array<CatalogueEntry, 10> kCatalogue = {{
    {"vgg11", "vgg11-8a719046.pth",
     "https://download.pytorch.org/models/vgg11-8a719046.pth", 0, "8a719046",
     kTorchvisionLicence, kUnitRgb},
    {"vgg13", "vgg13-19584684.pth",
     "https://download.pytorch.org/models/vgg13-19584684.pth", 0, "19584684",
     kTorchvisionLicence, kUnitRgb},
    {"vgg16", "vgg16-397923af.pth",
     "https://download.pytorch.org/models/vgg16-397923af.pth", 553433881,
     "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
     kTorchvisionLicence, kUnitRgb},
    {"vgg19", "vgg19-dcbb9e9d.pth",
     "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", 574673361,
     "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
     kTorchvisionLicence, kUnitRgb},
    {"vgg11_bn", "vgg11_bn-6002323d.pth",
     "https://download.pytorch.org/models/vgg11_bn-6002323d.pth", 0, "6002323d",
     kTorchvisionLicence, kUnitRgb},
    {"vgg13_bn", "vgg13_bn-abd245e5.pth",
     "https://download.pytorch.org/models/vgg13_bn-abd245e5.pth", 0, "abd245e5",
     kTorchvisionLicence, kUnitRgb},
    {"vgg16_bn", "vgg16_bn-6c64b313.pth",
     "https://download.pytorch.org/models/vgg16_bn-6c64b313.pth", 553507836,
     "6c64b3138f2f4fcb3bcc4cafde11619c4f440eb1631787e93a682fd88305888a",
     kTorchvisionLicence, kUnitRgb},
    {"vgg19_bn", "vgg19_bn-c79401a0.pth",
     "https://download.pytorch.org/models/vgg19_bn-c79401a0.pth", 574769405,
     "c79401a0cf3cb42714e4182f5868c7a6f4f4534f5df9e956e2bb2098de41cbb6",
     kTorchvisionLicence, kUnitRgb},
    {"vgg16-caffe", "vgg16-00b39a1b.pth",
     "https://web.eecs.umich.edu/~justincj/models/vgg16-00b39a1b.pth", 0,
     "00b39a1b", kOxfordLicence, kCaffe},
    {"vgg19-caffe", "vgg19-d01eb7cb.pth",
     "https://web.eecs.umich.edu/~justincj/models/vgg19-d01eb7cb.pth", 0,
     "d01eb7cb", kOxfordLicence, kCaffe},
}};

}  // namespace

bool CatalogueEntry::HasWholeDigest() const {
  return sha256.size() == kWholeDigest;
}

bool CatalogueEntry::Matches(absl::string_view digest) const {
  return absl::StartsWith(digest, sha256);
}

absl::Span<const CatalogueEntry> Catalogue() { return kCatalogue; }

const CatalogueEntry* FindInCatalogue(
    absl::string_view name, absl::Span<const CatalogueEntry> catalogue) {
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

const CatalogueEntry* FindByDigest(absl::string_view digest) {
  for (const CatalogueEntry& entry : kCatalogue) {
    if (entry.Matches(digest)) return &entry;
  }
  return nullptr;
}

absl::StatusOr<std::string> DefaultWeightsCache() {
  // Relative paths are to be taken for unset, says the XDG specification.
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') {
    return absl::StrCat(cache, "/atelier/weights");
  }
  const char* const home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') {
    return absl::StrCat(home, "/.cache/atelier/weights");
  }
  return absl::FailedPreconditionError(
      "no folder for fetched weights: neither XDG_CACHE_HOME nor HOME is set");
}

std::string CachePath(const std::string& cache_folder,
                      const CatalogueEntry& entry) {
  return absl::StrCat(cache_folder, "/", entry.file_name);
}

}  // namespace atelier
