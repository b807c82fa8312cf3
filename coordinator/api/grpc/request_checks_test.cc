#include "coordinator/api/grpc/request_checks.h"

#include <memory>
#include <set>
#include <string>

#include "atelier/v1/jobs.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using ::testing::HasSubstr;

std::unique_ptr<Message> EmptyRequestOf(const MethodDescriptor& method) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
}

TEST(RequestChecksTest, EveryRequestThatHasFieldsHasACheck) {
  for (const MethodDescriptor* method : AllMethods()) {
    SCOPED_TRACE(method->full_name());
    const absl::Status status =
        CheckAnyRequest(*EmptyRequestOf(*method), JobLimits());
    EXPECT_FALSE(absl::IsInternal(status)) << status;
  }
}

TEST(RequestChecksTest, EveryMethodIsThereOnce) {
  std::set<std::string> names;
  for (const MethodDescriptor* method : AllMethods()) {
    EXPECT_TRUE(names.insert(ShortName(*method)).second) << method->full_name();
  }
  EXPECT_EQ(names.count("Jobs.SubmitJob"), 1u);
  EXPECT_EQ(names.count("Access.ListAudit"), 1u);
}

TEST(RequestChecksTest, AMessageThatIsNoRequestHasNoCheck) {
  const absl::Status status = CheckAnyRequest(v1::Job(), JobLimits());
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("atelier.v1.Job"));
}

}  // namespace
}  // namespace atelier
