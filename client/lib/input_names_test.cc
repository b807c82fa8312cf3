#include "client/lib/input_names.h"

#include "atelier/v1/jobs.pb.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr char kField[] = "content_digest";

template <typename Names>
void Add(Names* names, const char* field, int position, const char* name) {
  v1::InputName& one = *names->Add();
  one.set_field(field);
  one.set_position(position);
  one.set_name(name);
}

v1::Task At(std::vector<std::string> labels) {
  v1::Task task;
  for (const std::string& label : labels) task.add_labels(label);
  return task;
}

// Two files, "one.png" and "two.png", with the same bytes.
v1::JobSpec Spec() {
  v1::JobSpec spec;
  v1::ImageDescription& image = *spec.add_images();
  image.set_digest("d");
  image.set_name("one.png");
  spec.mutable_base()->set_content_digest("d");
  spec.mutable_base()->add_style_digests("d");
  spec.mutable_base()->add_style_digests("d");
  Add(spec.mutable_base_input_names(), "style_digests", 1, "two.png");
  v1::Axis& axis = *spec.add_axes();
  axis.add_values()->set_label("as it is");
  v1::AxisValue& second = *axis.add_values();
  second.set_label("other");
  second.mutable_set()->set_content_digest("d");
  Add(second.mutable_input_names(), kField, 0, "two.png");
  v1::AxisValue& third = *axis.add_values();
  third.set_label("styles");
  third.mutable_set()->add_style_digests("d");
  third.mutable_set()->add_style_digests("d");
  v1::AxisValue& fourth = *axis.add_values();
  fourth.set_label("second only");
  fourth.mutable_set()->add_style_blend(0);
  fourth.mutable_set()->add_style_blend(1);
  return spec;
}

TEST(InputNamesTest, TheDigestIsTheNameOfWhatNobodyDescribed) {
  EXPECT_EQ(InputNames().Of(kField, 0, "d"), "d");
  EXPECT_EQ(InputNames(InputNames::ByDigest{{"d", "a.png"}}).Of(kField, 0, "d"),
            "a.png");
}

TEST(InputNamesTest, FilesOfTheSameBytesKeepTheirOwnNames) {
  const v1::JobSpec spec = Spec();
  InputNames names(spec);
  names.MoveTo(At({"as it is"}));
  EXPECT_EQ(names.Of(kField, 0, "d"), "one.png");
  EXPECT_EQ(names.Of("style_digests", 0, "d"), "one.png");
  EXPECT_EQ(names.Of("style_digests", 1, "d"), "two.png");
  names.MoveTo(At({"other"}));
  EXPECT_EQ(names.Of(kField, 0, "d"), "two.png");
  EXPECT_EQ(names.Of("style_digests", 1, "d"), "two.png");
  names.MoveTo(At({"as it is"}));
  EXPECT_EQ(names.Of(kField, 0, "d"), "one.png") << "of another task before";
}

TEST(InputNamesTest, AnInputThatIsReplacedLosesItsName) {
  const v1::JobSpec spec = Spec();
  InputNames names(spec);
  names.MoveTo(At({"styles"}));
  EXPECT_EQ(names.Of("style_digests", 1, "d"), "one.png");
}

TEST(InputNamesTest, AStyleKeepsItsNameWhereAnotherHasNoShare) {
  const v1::JobSpec spec = Spec();
  InputNames names(spec);
  names.MoveTo(At({"second only"}));
  EXPECT_EQ(names.Of("style_digests", 0, "d"), "two.png")
      << "the only one left";
}

}  // namespace
}  // namespace atelier
