// docs/openapi.yaml says what there is: each route, its parameters, and the
// fields of each message.
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/access.pb.h"
#include "atelier/v1/artifacts.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/ratings.pb.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/access/login_codes.h"
#include "coordinator/api/http/api_routes.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::UnorderedElementsAreArray;

using Keys = std::map<std::string, std::set<std::string>>;

// The keys below each key of a YAML file in block style: "paths" to
// "/api/v1/jobs", "paths|/api/v1/jobs" to "get". Those of lists and of what
// stands in braces are left out.
Keys ReadKeys(const std::string& path) {
  Keys keys;
  std::vector<std::pair<size_t, std::string>> above;  // Indentation and key.
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t indentation = line.find_first_not_of(' ');
    const size_t colon = line.find(':', indentation);
    if (colon == std::string::npos || line[indentation] == '-') continue;
    while (!above.empty() && above.back().first >= indentation) {
      above.pop_back();
    }
    const std::string key = line.substr(indentation, colon - indentation);
    std::string parent;
    for (const auto& [depth, name] : above) {
      absl::StrAppend(&parent, parent.empty() ? "" : "|", name);
    }
    keys[parent].insert(key);
    above.emplace_back(indentation, key);
  }
  return keys;
}

class OpenApiTest : public ::testing::Test {
 protected:
  Keys keys_ = ReadKeys(ATELIER_SOURCE_DIR "/docs/openapi.yaml");
};

TEST_F(OpenApiTest, HasEveryRouteAndNoOther) {
  FakeClock clock(absl::UnixEpoch());
  LoginCodes codes(clock);
  ApiSources sources;
  sources.login_codes = &codes;
  std::map<std::string, std::set<std::string>> methods;
  for (const HttpRoute& route : ApiRoutes(sources)) {
    methods[route.path].insert(absl::AsciiStrToLower(Name(route.method)));
  }
  std::set<std::string> paths;
  for (const auto& [path, expected] : methods) {
    paths.insert(path);
    EXPECT_THAT(keys_["paths|" + path], UnorderedElementsAreArray(expected))
        << path;
  }
  EXPECT_THAT(keys_["paths"], UnorderedElementsAreArray(paths));
}

TEST_F(OpenApiTest, EveryMessageHasTheFieldsOfTheWire) {
  // HTTP's own.
  std::set<std::string> known = {"Session",   "TaskNumbers", "System",
                                 "Condition", "Parameters",  "Parameter",
                                 "Preset"};
  for (const google::protobuf::Descriptor* message :
       {v1::ListJobsResponse::descriptor(),
        v1::ListTasksResponse::descriptor(),
        v1::ListAttemptsResponse::descriptor(),
        v1::Attempt::descriptor(),
        v1::AttemptTimings::descriptor(),
        v1::Measures::descriptor(),
        v1::MeasureSpec::descriptor(),
        v1::LossCurve::descriptor(),
        v1::LossCurve::TermCurve::descriptor(),
        v1::ListRatingsResponse::descriptor(),
        v1::JudgeTasksResponse::descriptor(),
        v1::TaskRating::descriptor(),
        v1::ListWorkersResponse::descriptor(),
        v1::Job::descriptor(),
        v1::JobSnapshot::descriptor(),
        v1::PreviewJobResponse::descriptor(),
        v1::TaskPreview::descriptor(),
        v1::TaskCounts::descriptor(),
        v1::UploadResponse::descriptor(),
        v1::Task::descriptor(),
        v1::TaskResult::descriptor(),
        v1::PicturePreview::descriptor(),
        v1::Losses::descriptor(),
        v1::Worker::descriptor(),
        v1::Worker::RunningAttempt::descriptor(),
        v1::WorkerDescription::descriptor(),
        v1::ListAuditResponse::descriptor(),
        v1::AuditEntry::descriptor()}) {
    SCOPED_TRACE(message->name());
    known.insert(message->name());
    std::set<std::string> fields;
    for (int i = 0; i < message->field_count(); ++i) {
      fields.insert(message->field(i)->name());
    }
    EXPECT_THAT(keys_[absl::StrCat("components|schemas|", message->name(),
                                   "|properties")],
                UnorderedElementsAreArray(fields));
  }
  EXPECT_THAT(keys_["components|schemas"], UnorderedElementsAreArray(known));
}

}  // namespace
}  // namespace atelier
