#include "common/rpc/library_log.h"

#include <cstdlib>

#include "atelier/v1/jobs.pb.h"
#include "grpc/support/log.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(LibraryLogTest, TheLibrariesSayNothing) {
  unsetenv("GRPC_VERBOSITY");
  SilenceLibraries();
  testing::internal::CaptureStderr();
  v1::GetJobRequest request;
  request.set_job_id("caf\xe9");
  const std::string bytes = request.SerializeAsString();
  EXPECT_FALSE(v1::GetJobRequest().ParseFromString(bytes));
  gpr_log(GPR_ERROR, "a connection was lost");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace atelier
