#include "tests/fuzz/request_input.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/render.pb.h"
#include "coordinator/api/grpc/request_checks.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Contains;

TEST(RequestInputTest, EveryMethodIsReachedByItsNameAndChecked) {
  for (const google::protobuf::MethodDescriptor* method : AllMethods()) {
    SCOPED_TRACE(method->full_name());
    EXPECT_THAT(InputNames(), Contains(ShortName(*method)));
    const auto request = ParseRequest(absl::StrCat(ShortName(*method), "\n"));
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(request->GetDescriptor(), method->input_type());
    const absl::Status status = CheckAnyRequest(*request, JobLimits());
    EXPECT_FALSE(absl::IsInternal(status)) << status;
  }
}

TEST(RequestInputTest, WhatFollowsTheNameIsTheMessage) {
  v1::GetJobRequest request;
  request.set_job_id("j\n1");
  const std::string input =
      absl::StrCat("Jobs.GetJob\n", request.SerializeAsString());
  EXPECT_EQ(NameBytes(input), 12u);
  const auto parsed = ParseRequest(input);
  ASSERT_NE(parsed, nullptr);
  EXPECT_EQ(parsed->SerializeAsString(), request.SerializeAsString());
}

TEST(RequestInputTest, WhatNamesNothingOrIsNoMessageIsNothing) {
  for (const char* input :
       {"", "\n", "Jobs.GetJob", "Jobs.GetJobs\n", "Jobs.GetJob\n\xff"}) {
    SCOPED_TRACE(input);
    EXPECT_EQ(ParseRequest(input), nullptr);
  }
  EXPECT_EQ(NameBytes("Jobs.GetJobs\n"), 0u);
}

// One that fails begins nowhere near what it was kept for.
TEST(RequestInputTest, EverySeedPassesTheCheckOfWhatItNames) {
  int seeds = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(ATELIER_REQUEST_SEEDS)) {
    SCOPED_TRACE(file.path().string());
    std::ifstream in(file.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(in), {}};
    const auto request = ParseRequest(input);
    ASSERT_NE(request, nullptr);
    ++seeds;
    if (request->GetDescriptor() == v1::RenderSpec::descriptor()) continue;
    const absl::Status status = CheckAnyRequest(*request, JobLimits());
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_GT(seeds, 5);
}

}  // namespace
}  // namespace atelier
