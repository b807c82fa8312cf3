#include "common/weights/catalogue.h"

#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/render/convention.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(CatalogueTest, EveryFileNameBeginsItsDigest) {
  for (const CatalogueEntry& entry : Catalogue()) {
    SCOPED_TRACE(entry.name);
    EXPECT_TRUE(absl::EndsWith(
        entry.file_name, absl::StrCat("-", entry.sha256.substr(0, 8), ".pth")));
    EXPECT_TRUE(absl::EndsWith(entry.url, absl::StrCat("/", entry.file_name)));
    EXPECT_TRUE(absl::StartsWith(entry.url, "https://"));
    EXPECT_EQ(entry.HasWholeDigest(), IsHexDigest(entry.sha256));
    EXPECT_TRUE(entry.HasWholeDigest() || entry.sha256.size() == 8);
    EXPECT_EQ(entry.size_bytes > 0, entry.HasWholeDigest());
  }
}

TEST(CatalogueTest, NamesAreDistinctAndPreprocessingsKnown) {
  std::set<absl::string_view> known;
  for (const ConventionSpec& spec : AllConventions()) {
    known.insert(spec.preprocessing.name);
  }
  std::set<absl::string_view> names;
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(known.count(entry.preprocessing), 1) << entry.preprocessing;
  }
}

TEST(CatalogueTest, FindsByNameAndByDigest) {
  ASSERT_NE(FindInCatalogue("vgg16"), nullptr);
  EXPECT_EQ(FindInCatalogue("vgg16")->size_bytes, 553433881);
  EXPECT_EQ(FindInCatalogue("vgg61"), nullptr);
  EXPECT_EQ(FindByDigest(FindInCatalogue("vgg19")->sha256)->name, "vgg19");
  // Of this one, eight digits are published.
  EXPECT_EQ(FindByDigest("d01eb7cb" + std::string(56, '0'))->name,
            "vgg19-caffe");
  EXPECT_EQ(FindByDigest("dcbb9e9d" + std::string(56, '0')), nullptr);
}

TEST(CatalogueTest, CachesWhereXdgSays) {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const std::string before = cache == nullptr ? "" : cache;
  setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(*DefaultWeightsCache(), "/caches/atelier/weights");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(DefaultWeightsCache().value_or(""),
            absl::StrCat(std::getenv("HOME"), "/.cache/atelier/weights"));
  setenv("XDG_CACHE_HOME", before.c_str(), 1);
  EXPECT_EQ(CachePath("/c", *FindInCatalogue("vgg19")),
            "/c/vgg19-dcbb9e9d.pth");
}

}  // namespace
}  // namespace atelier
