#include "common/nearest.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(NearestTest, GuessesWhatWasMeant) {
  const std::vector<absl::string_view> kFlags = {
      "--content",      "--content-layers", "--coordinator", "--style",
      "--style-weight", "--iterations",     "--json"};
  const struct {
    const char* word;
    const char* nearest;
  } kCases[] = {
      {"--contnt", "--content"},
      {"--Content", "--content"},
      {"-json", "--json"},
      {"--style_weight", "--style-weight"},
      {"--STYLE_WIEGHT", "--style-weight"},
      {"--iter", "--iterations"},
      {"--coord", "--coordinator"},
      {"--sty", "--style"},
      {"--contents", "--content"},
      {"--jsno", "--json"},
      {"--content-l", "--content-layers"},
      {"--cont", "--content"},
      {"--co", ""},
      {"--it", ""},
      {"--", ""},
      {"", ""},
      {"--frobnicate", ""},
      {"--\xff\xfe", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(Nearest(c.word, kFlags), c.nearest);
  EXPECT_EQ(Nearest(std::string(1 << 20, 'x'), kFlags), "");
}

TEST(NearestTest, SuggestsOneOrNamesAll) {
  EXPECT_EQ(Nearest("style-w", {"style_weight", "tv_weight"}), "style_weight");
  EXPECT_EQ(Nearest("Iterations", {"iterations", "size"}), "iterations");
  EXPECT_EQ(Suggest("ad", {"adam", "lbfgs"}), "; allowed: adam, lbfgs");
  EXPECT_EQ(Suggest("adm", {"adam", "lbfgs"}), "; did you mean 'adam'?");
}

}  // namespace
}  // namespace atelier
