// Walks the fields of RenderSpec, so that a field that is missing anywhere
// fails with its name. See common/render/parameters.h for what a new one takes.
#include <algorithm>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/field_error.h"
#include "common/render/description.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using google::protobuf::FieldDescriptor;
using ::testing::NotNull;

const google::protobuf::Reflection& Reflection() {
  return *v1::RenderSpec::GetReflection();
}

// A share of the numbers that are allowed.
double NumberIn(const FieldDescriptor* field, double share) {
  const Parameter* const row = FindWireField(field->name());
  if (row == nullptr) return share;
  const Range& range = row->range;
  const double most =
      range.limit == nullptr ? range.most : RenderLimits().*range.limit;
  return range.least + (most - range.least) * share;
}

// Sets the field to one of two values that are allowed.
void Fill(v1::RenderSpec& spec, const FieldDescriptor* field, bool other) {
  const double share = other ? 0.75 : 0.25;
  if (field->is_repeated()) {
    Reflection().ClearField(&spec, field);
    for (int i = 1; i <= 2; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
        Reflection().AddDouble(&spec, field,
                               NumberIn(field, i == 1 ? share : 1 - share));
      } else {
        Reflection().AddString(
            &spec, field,
            absl::StrCat(field->name(), i, other ? "other" : "one"));
      }
    }
    return;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      Reflection().SetString(&spec, field, absl::StrCat(field->name(), other));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      Reflection().SetInt32(&spec, field,
                            static_cast<int>(NumberIn(field, other ? 0 : 1)));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      Reflection().SetUInt64(&spec, field,
                             static_cast<uint64_t>(NumberIn(field, share)));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      Reflection().SetDouble(&spec, field, NumberIn(field, share));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      Reflection().SetEnumValue(&spec, field, other ? 2 : 1);
      break;
    default: {
      ASSERT_EQ(field->message_type()->name(), "LayerList");
      auto* const list = static_cast<v1::LayerList*>(
          Reflection().MutableMessage(&spec, field));
      list->clear_layers();
      list->add_layers()->set_tap(other ? "conv_1" : "conv_2");
      list->mutable_layers(0)->set_weight(share);
    }
  }
}

const FieldDescriptor* DescriptorOf(const Parameter& row) {
  return v1::RenderSpec::descriptor()->FindFieldByName(
      std::string(row.wire_name));
}

// A spec of one field.
v1::RenderSpec Only(const FieldDescriptor* field) {
  v1::RenderSpec spec;
  Fill(spec, field, false);
  return spec;
}

class ParametersOnTheWireTest
    : public ::testing::TestWithParam<const FieldDescriptor*> {
 protected:
  // Of a render to which every field applies.
  static v1::RenderSpec Resolved() {
    v1::RenderSpec spec;
    for (int i = 0; i < v1::RenderSpec::descriptor()->field_count(); ++i) {
      Fill(spec, v1::RenderSpec::descriptor()->field(i), false);
    }
    spec.set_init(v1::INITIALISATION_NOISE);
    return spec;
  }
  // The same with another value of the field.
  v1::RenderSpec Changed() const {
    v1::RenderSpec spec = Resolved();
    Fill(spec, field_, field_->name() != "init");
    return spec;
  }
  absl::Status Validated(const v1::RenderSpec& spec) const {
    const absl::StatusOr<RenderPatch> patch = FromProto(spec);
    return patch.ok() ? ValidatePatch(*patch) : patch.status();
  }

  void SetUp() override {
    ASSERT_THAT(row_, NotNull())
        << field_->name() << " has no row in common/render/parameters.cc";
  }

  const FieldDescriptor* const field_ = GetParam();
  const Parameter* const row_ = FindWireField(field_->name());
};

TEST_P(ParametersOnTheWireTest, HasARowOfItsNumber) {
  EXPECT_EQ(row_->wire_number, field_->number());
}

TEST_P(ParametersOnTheWireTest, IsCarriedAndMerged) {
  const v1::RenderSpec spec = Only(field_);
  const RenderPatch patch = FromProto(spec).value();
  EXPECT_TRUE(IsGiven(*row_, patch));
  EXPECT_EQ(CountGiven(spec, *row_), field_->is_repeated() ? 2 : 1);
  for (const RenderPatch& merged :
       {Merge(RenderPatch(), patch), Merge(patch, RenderPatch())}) {
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
        ToProto(merged), spec))
        << ToProto(merged).DebugString();
  }
}

TEST_P(ParametersOnTheWireTest, IsKeptByAResolvedRender) {
  v1::RenderSpec spec = Changed();
  for (const Parameter& row : AllFields()) {
    if (!IsResolved(row)) Reflection().ClearField(&spec, DescriptorOf(row));
  }
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      ToProto(ResolvedFromProto(spec).value()), spec));
}

TEST_P(ParametersOnTheWireTest, ChangesTheKeyAndTheDescription) {
  const Render one = ResolvedFromProto(Resolved()).value();
  const Render other = ResolvedFromProto(Changed()).value();
  EXPECT_EQ(CanonicalText(one) != CanonicalText(other),
            row_->key.changes_picture);
  EXPECT_EQ(DescribeRender(one) != DescribeRender(other), IsResolved(*row_));
}

TEST_P(ParametersOnTheWireTest, HasAFlagWhoseTextComesBack) {
  const Parameter* const flag = FindParameter(row_->name);
  ASSERT_THAT(flag, NotNull());
  EXPECT_FALSE(flag->help.empty());
  if (flag != row_) return;  // Another field's flag gives it.
  if (!IsResolved(*row_)) return;
  const v1::RenderSpec spec = Resolved();
  const std::string text = PrintParameter(
      *row_, ResolvedFromProto(spec).value(),
      [](const Parameter&, int, const std::string& digest) { return digest; });
  RenderPatch read;
  if (TakesOf(*row_) == Takes::kEach) {
    for (absl::string_view one : absl::StrSplit(text, ',')) {
      EXPECT_TRUE(ParseParameter(*row_, one, read).ok()) << text;
    }
  } else {
    EXPECT_TRUE(ParseParameter(*row_, text, read).ok()) << text;
  }
  EXPECT_TRUE(IsGiven(*row_, read));
  RenderPatch same = FromProto(spec).value();
  EXPECT_EQ(ToProto(Merge(same, read)).DebugString(),
            ToProto(same).DebugString());
}

// Numbers that nobody means.
std::vector<std::function<void(v1::RenderSpec&, const FieldDescriptor*)>>
Senseless(const FieldDescriptor* field) {
  using Limits = std::numeric_limits<double>;
  std::vector<std::function<void(v1::RenderSpec&, const FieldDescriptor*)>> all;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    for (double value : {Limits::quiet_NaN(), Limits::infinity(),
                         -Limits::infinity(), Limits::lowest()}) {
      all.emplace_back([value](auto& spec, const auto* into) {
        into->is_repeated() ? Reflection().AddDouble(&spec, into, value)
                            : Reflection().SetDouble(&spec, into, value);
      });
    }
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    for (int value :
         {std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
      all.emplace_back([value](auto& spec, const auto* into) {
        Reflection().SetInt32(&spec, into, value);
      });
    }
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    all.emplace_back([](auto& spec, const auto* into) {
      Reflection().SetEnumValue(&spec, into, 1000);
    });
  }
  return all;
}

TEST_P(ParametersOnTheWireTest, HasABound) {
  EXPECT_TRUE(Validated(Only(field_)).ok()) << Validated(Only(field_));
  for (const auto& spoil : Senseless(field_)) {
    v1::RenderSpec spec;
    spoil(spec, field_);
    const absl::Status status = Validated(spec);
    EXPECT_EQ(FieldOf(status), row_->name) << spec.DebugString() << status;
  }
}

// "| `--bits N` | what it means | 8 or 16 | 8 |", as the guide has it.
std::string GuideLine(const Parameter& row) {
  const std::string flag =
      absl::StrCat("--", absl::StrReplaceAll(row.name, {{"_", "-"}}));
  std::string line =
      absl::StrCat("| `", flag, " ",
                   absl::StrReplaceAll(row.value_name, {{"|", "\\|"}}), "` |");
  for (const std::string& cell :
       {std::string(row.help), AllowedText(row), DefaultText(row)}) {
    absl::StrAppend(&line, cell.empty() ? "" : " ", cell, " |");
  }
  return line;
}

std::string Page(const std::string& name) {
  std::ifstream file(absl::StrCat(ATELIER_SOURCE_DIR, "/docs/", name));
  std::stringstream page;
  page << file.rdbuf();
  return page.str();
}

TEST_P(ParametersOnTheWireTest, IsInTheGuide) {
  const std::string line = GuideLine(*FindParameter(row_->name));
  EXPECT_TRUE(absl::StrContains(Page("user-guide.md"), line + "\n"))
      << "docs/user-guide.md lacks the line\n"
      << line;
}

TEST_P(ParametersOnTheWireTest, IsNotInTheKeysOfRendersBeforeIt) {
  // Of parameters whose default changed after they came: their old keys say
  // the old default by saying nothing, and a render with the new one says so.
  const std::vector<std::string> kDefaultChanged = {};
  if (!row_->key.before.has_value() || IsFile(*row_)) return;
  if (std::count(kDefaultChanged.begin(), kDefaultChanged.end(), row_->name)) {
    return;
  }
  Render render;
  render.inputs.styles.resize(1);
  EXPECT_EQ(*row_->key.before,
            PrintParameter(
                *row_, render,
                [](const Parameter&, int, const std::string&) { return ""; }))
      << "a record of InKey::before is never changed with a default";
}

std::vector<const FieldDescriptor*> Fields() {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < v1::RenderSpec::descriptor()->field_count(); ++i) {
    fields.push_back(v1::RenderSpec::descriptor()->field(i));
  }
  return fields;
}

INSTANTIATE_TEST_SUITE_P(
    RenderSpec, ParametersOnTheWireTest, ::testing::ValuesIn(Fields()),
    [](const ::testing::TestParamInfo<const FieldDescriptor*>& field) {
      return field.param->name();
    });

TEST(ParameterTableTest, EveryRowHasAFieldAndAnOwnName) {
  for (const Parameter& row : AllFields()) {
    SCOPED_TRACE(row.wire_name);
    EXPECT_THAT(v1::RenderSpec::descriptor()->FindFieldByName(
                    std::string(row.wire_name)),
                NotNull())
        << "has no field in render.proto";
    EXPECT_EQ(FindWireField(row.wire_name), &row);
  }
  for (const Parameter& row : AllParameters()) {
    EXPECT_EQ(FindParameter(row.name), &row) << row.name;
  }
}

TEST(ParameterTableTest, ThePageAboutSpecsNamesEveryParameter) {
  const std::string names = absl::StrJoin(
      AllParameters(), " ", [](std::string* out, const Parameter& row) {
        absl::StrAppend(out, row.name);
      });
  EXPECT_TRUE(absl::StrContains(Page("spec.md"), names))
      << "docs/spec.md does not say\n"
      << names;
}

}  // namespace
}  // namespace atelier
