#include "common/rpc/render_conversion.h"

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

void AddTwo(const google::protobuf::FieldDescriptor* field,
            v1::RenderSpec& spec) {
  const auto* reflection = spec.GetReflection();
  for (int i = 1; i <= 2; ++i) {
    if (field->cpp_type() ==
        google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE) {
      reflection->AddDouble(&spec, field, 0.25 * i);
    } else {
      reflection->AddString(&spec, field,
                            std::string(64, 'a' + field->index() + i));
    }
  }
}

// A spec in which every field is set, whatever fields there are.
v1::RenderSpec EveryField() {
  v1::RenderSpec spec;
  const auto* reflection = spec.GetReflection();
  const auto* type = spec.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    using Field = google::protobuf::FieldDescriptor;
    const Field* field = type->field(i);
    if (field->is_repeated()) {
      AddTwo(field, spec);
      continue;
    }
    switch (field->cpp_type()) {
      case Field::CPPTYPE_STRING:
        reflection->SetString(&spec, field, std::string(64, '0' + i));
        break;
      case Field::CPPTYPE_INT32:
        reflection->SetInt32(&spec, field, 10 + i);
        break;
      case Field::CPPTYPE_UINT64:
        reflection->SetUInt64(&spec, field, 10 + i);
        break;
      case Field::CPPTYPE_DOUBLE:
        reflection->SetDouble(&spec, field, 0.1 * (i + 1));
        break;
      case Field::CPPTYPE_ENUM:
        reflection->SetEnumValue(&spec, field, 2);
        break;
      default:
        EXPECT_EQ(field->message_type()->name(), "LayerList");
        auto* list = static_cast<v1::LayerList*>(
            reflection->MutableMessage(&spec, field));
        list->add_layers()->set_tap(field->name());
        list->mutable_layers(0)->set_weight(0.5);
    }
  }
  return spec;
}

TEST(RenderConversionTest, KeepsEveryFieldOfAPatch) {
  const v1::RenderSpec spec = EveryField();
  const v1::RenderSpec back = ToProto(FromProto(spec).value());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(spec, back))
      << back.DebugString();
}

TEST(RenderConversionTest, KeepsEveryFieldOfAResolvedRender) {
  v1::RenderSpec spec = EveryField();
  const v1::RenderSpec back = ToProto(ResolvedFromProto(spec).value());
  spec.clear_preset();  // It has what that stands for.
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(spec, back))
      << back.DebugString();
}

TEST(RenderConversionTest, AbsentStaysAbsent) {
  EXPECT_EQ(ToProto(FromProto(v1::RenderSpec()).value()).ByteSizeLong(), 0);
}

TEST(RenderConversionTest, AnEmptyLayerListIsNotAnAbsentOne) {
  v1::RenderSpec spec;
  spec.mutable_style_layers();
  const RenderPatch patch = FromProto(spec).value();
  ASSERT_TRUE(patch.style_layers.has_value());
  EXPECT_TRUE(patch.style_layers->empty());
  EXPECT_TRUE(ToProto(patch).has_style_layers());
}

TEST(RenderConversionTest, ALayerWithoutAWeightCountsOnce) {
  v1::RenderSpec spec;
  spec.mutable_content_layers()->add_layers()->set_tap("conv_1");
  EXPECT_EQ(FromProto(spec)->content_layers->at(0).weight, 1);
}

TEST(RenderConversionTest, NamesTheEnumItDoesNotKnow) {
  v1::RenderSpec spec;
  spec.set_pooling(static_cast<v1::Pooling>(9));
  EXPECT_THAT(FromProto(spec).status().message(),
              HasSubstr("pooling: value 9 is unknown; allowed: 1 to 3"));
}

TEST(RenderConversionTest, AStyleWithoutAMaskKeepsItsPlaceInTheList) {
  Render render;
  render.inputs.styles = {{"a", 0.5, "", "r"}, {"b", 0.5, "m", ""}};
  const Render back = ResolvedFromProto(ToProto(render)).value();
  EXPECT_EQ(back.inputs.styles, render.inputs.styles);
}

TEST(RenderConversionTest, ListsOfAResolvedRenderHaveOneEntryForEachStyle) {
  v1::RenderSpec spec = EveryField();
  spec.add_style_mask_digests("third");
  EXPECT_THAT(ResolvedFromProto(spec).status().message(),
              HasSubstr("style_mask_digests: 3 given for 2 styles"));
}

TEST(RenderConversionTest, NamesTheFieldAResolvedRenderLacks) {
  v1::RenderSpec spec = EveryField();
  spec.clear_iterations();
  EXPECT_THAT(ResolvedFromProto(spec).status().message(),
              HasSubstr("iterations: missing"));
}

TEST(RenderConversionTest, ANetworkComesBackWhole) {
  NetworkDescription network;
  network.name = "n";
  network.weights_digest = std::string(64, 'a');
  network.architecture = "vgg11";
  network.blocks = {{8}, {16, 17}};
  network.padding = Padding::kReflect;
  network.pooling = Pooling::kAverage;
  network.preprocessing = "caffe-255-bgr";
  const NetworkDescription back = FromProto(ToProto(network)).value();
  EXPECT_EQ(back.name, network.name);
  EXPECT_EQ(back.weights_digest, network.weights_digest);
  EXPECT_EQ(back.architecture, network.architecture);
  EXPECT_EQ(back.blocks, network.blocks);
  EXPECT_EQ(back.padding, network.padding);
  EXPECT_EQ(back.pooling, network.pooling);
  EXPECT_EQ(back.preprocessing, network.preprocessing);
}

TEST(RenderConversionTest, RefusesANetworkWithoutLayers) {
  NetworkDescription network;
  EXPECT_THAT(FromProto(ToProto(network)).status().message(),
              HasSubstr("blocks: empty"));
  network.blocks = {{}};
  EXPECT_THAT(FromProto(ToProto(network)).status().message(),
              HasSubstr("blocks[0]: empty"));
  network.blocks = {{8, 0}};
  EXPECT_THAT(FromProto(ToProto(network)).status().message(),
              HasSubstr("blocks[0].channels: 0 is not allowed"));
}

}  // namespace
}  // namespace atelier
