// The table of parameters as JSON: all of it, with names that the wire takes.
#include <string>

#include "absl/strings/str_cat.h"
#include "atelier/v1/render.pb.h"
#include "common/digest.h"
#include "common/render/parameters.h"
#include "common/weights/builtin.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

class ParametersRouteTest : public ApiFixture {
 protected:
  nlohmann::json Answer() {
    return nlohmann::json::parse(Get("/api/v1/parameters").body);
  }
};

TEST_F(ParametersRouteTest, HasEveryRowOfTheTable) {
  const nlohmann::json rows = Answer()["parameters"];
  ASSERT_EQ(rows.size(), AllParameters().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["name"], std::string(AllParameters()[i].name));
    EXPECT_EQ(rows[i]["help"], std::string(AllParameters()[i].help));
    EXPECT_NE(v1::RenderSpec::descriptor()->FindFieldByName(
                  rows[i]["wire_name"].get<std::string>()),
              nullptr);
  }
}

TEST_F(ParametersRouteTest, NamesEachChoiceAsTheWireDoes) {
  int choices = 0;
  const nlohmann::json answer = Answer();
  for (const nlohmann::json& row : answer["parameters"]) {
    if (row["kind"] != "choice") continue;
    const auto* const field = v1::RenderSpec::descriptor()->FindFieldByName(
        row["wire_name"].get<std::string>());
    // All but that which says nothing.
    EXPECT_EQ(static_cast<int>(row["choices"].size()),
              field->enum_type()->value_count() - 1);
    for (const nlohmann::json& choice : row["choices"]) {
      ++choices;
      if (choice["name"] == "avg") {
        EXPECT_EQ(choice["wire_name"], "POOLING_AVERAGE");
      }
      EXPECT_NE(field->enum_type()->FindValueByName(
                    choice["wire_name"].get<std::string>()),
                nullptr)
          << row["name"] << " " << choice;
    }
  }
  EXPECT_GT(choices, 10);
}

TEST_F(ParametersRouteTest, SaysWhatIsAllowed) {
  const nlohmann::json answer = Answer();
  int sizes = 0;
  for (const nlohmann::json& row : answer["parameters"]) {
    if (row["name"] != "size") continue;
    ++sizes;
    EXPECT_EQ(row["kind"], "integer");
    EXPECT_EQ(row["least"], 0);
    EXPECT_EQ(row["most"], RenderLimits().max_size_px);
    EXPECT_EQ(row["default"], "512 (studies: 224)");
  }
  EXPECT_EQ(sizes, 1);
  EXPECT_EQ(answer["presets"].size(), 3);
  EXPECT_EQ(Get("/api/v1/parameters?size=1").code, 400);
}

TEST_F(ParametersRouteTest, DescribesTheBuiltInNetworkAsAJobTakesIt) {
  const nlohmann::json answer = Answer();
  EXPECT_EQ(answer["max_artifact_bytes"], absl::StrCat(kMaxArtifactBytes));
  ASSERT_EQ(answer["networks"].size(), 1);
  v1::NetworkDescription network;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  answer["networks"][0].dump(), &network)
                  .ok());
  EXPECT_EQ(network.name(), "atelier-vgg19-slim");
  EXPECT_EQ(network.weights_digest(), HexDigest(BuiltinNetworkBytes()));
  EXPECT_EQ(network.blocks_size(), 5);
  EXPECT_NE(network.padding(), v1::PADDING_UNSPECIFIED);
  EXPECT_NE(network.pooling(), v1::POOLING_UNSPECIFIED);
}

TEST_F(ParametersRouteTest, IsForWhoeverMayRead) {
  ComeAs(Caller{"reader", {Role::kRead}});
  EXPECT_EQ(Get("/api/v1/parameters").code, 200);
  ComeAs(Caller{"worker", {Role::kWork}});
  EXPECT_EQ(Get("/api/v1/parameters").code, 403);
}

}  // namespace
}  // namespace atelier
