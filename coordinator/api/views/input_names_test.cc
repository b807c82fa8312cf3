#include "coordinator/api/views/input_names.h"

#include <functional>
#include <string>

#include "common/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Names = google::protobuf::RepeatedPtrField<v1::InputName>;

void Add(Names& names, const std::string& field, int position,
         const std::string& text) {
  v1::InputName& name = *names.Add();
  name.set_field(field);
  name.set_position(position);
  name.set_name(text);
}

/// A render of one content picture, two styles and a weight file.
v1::RenderSpec NamelessRender() {
  v1::RenderSpec render;
  render.set_content_digest(HexDigest("content"));
  render.add_style_digests(HexDigest("style"));
  render.add_style_digests(HexDigest("style"));
  render.set_weights_digest(HexDigest("weights"));
  return render;
}

TEST(CheckInputNamesTest, TakesOneNameForEachInputOfTheRender) {
  Names names;
  EXPECT_TRUE(CheckInputNames("names", names, {}).ok());
  Add(names, "content_digest", 0, "夜.png");
  Add(names, "style_digests", 0, std::string(255, 'a'));
  Add(names, "style_digests", 1, "a");
  Add(names, "weights_digest", 0, "vgg19.safetensors");
  const absl::Status status = CheckInputNames("names", names, NamelessRender());
  EXPECT_TRUE(status.ok()) << status;
}

TEST(CheckInputNamesTest, NamesThePathOfWhatIsWrong) {
  const std::pair<const char*, std::function<void(Names&)>> kCases[] = {
      {"names[0].field: 'content' is not allowed",
       [](Names& n) { Add(n, "content", 0, "a"); }},
      {"names[0].field: 'size_px'",
       [](Names& n) { Add(n, "size_px", 0, "a"); }},
      {"names[0].field: ''", [](Names& n) { n.Add(); }},
      {"names[0].field: 'init_digest' has no input",
       [](Names& n) { Add(n, "init_digest", 0, "a"); }},
      {"names[0].field: 'style_mask_digests' has no input",
       [](Names& n) { Add(n, "style_mask_digests", 0, "a"); }},
      {"names[0].position: -1 is not allowed; from 0 to 1",
       [](Names& n) { Add(n, "style_digests", -1, "a"); }},
      {"names[0].position: 2",
       [](Names& n) { Add(n, "style_digests", 2, "a"); }},
      {"names[0].position: 1 is not allowed; from 0 to 0",
       [](Names& n) { Add(n, "content_digest", 1, "a"); }},
      {"names[0].name: ''", [](Names& n) { Add(n, "content_digest", 0, ""); }},
      {"names[0].name: 'a\\nb'",
       [](Names& n) { Add(n, "content_digest", 0, "a\nb"); }},
      {"names[0].name: ",
       [](Names& n) { Add(n, "content_digest", 0, std::string(256, 'a')); }},
      {"names[1]: style_digests[1] is named twice",
       [](Names& n) {
         Add(n, "style_digests", 1, "a");
         Add(n, "style_digests", 1, "b");
       }},
      {"names: 65 names given; at most 64",
       [](Names& n) {
         for (int i = 0; i < 65; ++i) Add(n, "content_digest", i, "a");
       }},
  };
  for (const auto& [expected, fill] : kCases) {
    SCOPED_TRACE(expected);
    Names names;
    fill(names);
    const absl::Status status =
        CheckInputNames("names", names, NamelessRender());
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), StartsWith(expected));
  }
}

TEST(CheckInputNamesTest, QuotesNoMoreThanFitsALine) {
  Names names;
  Add(names, std::string(1 << 20, 'x'), 0, "a");
  EXPECT_LT(CheckInputNames("names", names, NamelessRender()).message().size(),
            400u);
  names[0].set_field("content_digest");
  names[0].set_name(std::string(1 << 20, '\x1b'));
  const absl::Status status = CheckInputNames("names", names, NamelessRender());
  EXPECT_LT(status.message().size(), 400u);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\\x1b"));
}

}  // namespace
}  // namespace atelier
