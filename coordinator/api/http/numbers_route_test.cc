// The numbers of many tasks at once.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "coordinator/api/views/task_numbers.h"
#include "coordinator/control/ratings.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class NumbersRouteTest : public ApiFixture {
 protected:
  // Takes one task of the only job and ends it with this result.
  void Render(double content_loss, double ssim) {
    v1::Measures measures;
    (*measures.mutable_values())["ssim"] = ssim;
    measures.mutable_iteration_time()->set_nanos(250'000'000);
    TaskResult result;
    result.image_digest = std::string(64, 'a');
    result.losses = {{{"content", content_loss}}, 2 * content_loss};
    result.iterations = 3;
    result.elapsed = absl::Milliseconds(1500);
    result.measures = measures.SerializeAsString();
    RenderOne(std::move(result));
  }

  json Numbers(const std::string& query = "") {
    const HttpAnswer answer =
        Get(absl::StrCat("/api/v1/jobs/", id_, "/numbers", query));
    EXPECT_EQ(answer.code, 200) << answer.body;
    EXPECT_THAT(answer.head, HasSubstr("application/json"));
    return json::parse(answer.body, nullptr, false);
  }

  void SubmitTasks(int count) {
    v1::JobSpec spec = SmallJob();
    std::vector<int> iterations;
    for (int i = 0; i < count; ++i) iterations.push_back(i + 1);
    AddIterationsAxis(spec, iterations);
    id_ = Submit(spec);
  }

  std::string id_;
};

TEST_F(NumbersRouteTest, AreColumnsByTheNamesOfResultsCsv) {
  SubmitTasks(3);
  Render(4, 0.625);
  EXPECT_EQ(Numbers(), json::parse(R"({"first_index": 0, "task_count": 3,
      "states": "sqq", "columns": {
        "content_loss": [4, null, null], "iterations_done": [3, null, null],
        "seconds": [1.5, null, null], "seconds_per_iteration": [0.25, null, null],
        "ssim": [0.625, null, null], "total_loss": [8, null, null]}})"));
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(id_)).ok());
  EXPECT_EQ(Numbers()["states"], "scc");
}

TEST_F(NumbersRouteTest, HaveWhatPeopleGave) {
  SubmitTasks(3);
  Render(4, 0.625);
  Render(4, 0.5);
  Ratings ratings = control_->ratings();
  const JobId id(id_);
  ASSERT_TRUE(ratings.Star({"ann", {Role::kSubmit}}, {id, 1}, 5).ok());
  ASSERT_TRUE(ratings.Star({"bob", {Role::kSubmit}}, {id, 1}, 2).ok());
  ASSERT_TRUE(ratings.Star({"bob", {Role::kSubmit}}, {id, 2}, 2).ok())
      << "of a task without a picture: no number";
  ASSERT_TRUE(ratings.Judge({"ann", {Role::kSubmit}}, id, {0, 1}, 0).ok());
  const json columns = Numbers()["columns"];
  EXPECT_EQ(columns["stars"], json::parse("[null, 3.5, null]"));
  EXPECT_EQ(columns["worst_share"], json::parse("[1, 0, null]"));
  const json second = Numbers("?first_index=1&page_size=1")["columns"];
  EXPECT_EQ(second["stars"], json::parse("[3.5]"));
}

TEST_F(NumbersRouteTest, ComeInPages) {
  SubmitTasks(2500);
  Render(4, 0.5);
  Render(2, 0.75);
  const json first = Numbers("?page_size=1001");
  EXPECT_EQ(first["states"].get<std::string>().size(), 1001);
  EXPECT_EQ(first["columns"]["ssim"].size(), 1001);
  EXPECT_EQ(first["next_index"], 1001);
  const json second = Numbers("?first_index=1&page_size=2");
  EXPECT_EQ(second["states"], "sq");
  EXPECT_EQ(second["columns"]["ssim"], json::parse("[0.75, null]"));
  const json last = Numbers("?first_index=1001");
  EXPECT_EQ(last["states"].get<std::string>(), std::string(1499, 'q'));
  EXPECT_FALSE(last.contains("next_index"));
  const json beyond = Numbers("?first_index=9223372036854775807");
  EXPECT_EQ(beyond["states"], "");
  EXPECT_FALSE(beyond.contains("next_index"));
}

TEST_F(NumbersRouteTest, RefuseWithTheFieldAndWhatIsAllowed) {
  SubmitTasks(1);
  for (const auto& [query, error] :
       std::vector<std::pair<std::string, std::string>>{
           {"?page_size=10001",
            "page_size: 10001 is not allowed; from 0 to 10000"},
           {"?page_size=-1", "page_size: -1 is not allowed"},
           {"?first_index=-1", "first_index: -1 is not allowed; from 0"},
           {"?first_index=x", "first_index: 'x' is not allowed"},
           {"?page_token=1", "page_token: is not allowed here"},
           {"?columns=ssim", "'columns': there is no such parameter"}}) {
    SCOPED_TRACE(query);
    const HttpAnswer answer =
        Get(absl::StrCat("/api/v1/jobs/", id_, "/numbers", query));
    EXPECT_EQ(answer.code, 400);
    EXPECT_THAT(answer.body, HasSubstr(error));
  }
  EXPECT_EQ(Get("/api/v1/jobs/none/numbers").code, 404);
  ComeAs(Caller{"w", {Role::kWork}});
  EXPECT_EQ(Get(absl::StrCat("/api/v1/jobs/", id_, "/numbers")).code, 403);
  serving_ = nullptr;
  EXPECT_EQ(Get(absl::StrCat("/api/v1/jobs/", id_, "/numbers")).code, 503);
}

TEST(TaskNumbersTest, NamesAreQuoted) {
  TaskNumbers numbers;
  numbers.states = "s";
  numbers.columns["a\"\\\n"] = {0.1234567891};
  EXPECT_EQ(json::parse(ToJson(numbers))["columns"],
            json({{"a\"\\\n", {0.123456789}}}));
}

}  // namespace
}  // namespace atelier
