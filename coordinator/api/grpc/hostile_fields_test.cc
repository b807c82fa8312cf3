// Every field of every request, filled with what nobody should send, one at a
// time, in a request that is good otherwise: it is refused in one short line
// that names it, or what is kept of it is small and a number.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "common/quoted_text.h"
#include "coordinator/api/grpc/every_method_testing.h"
#include "coordinator/api/grpc/field_rules_testing.h"
#include "coordinator/api/grpc/hostile_values_testing.h"
#include "coordinator/api/grpc/request_table_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::Not;

const FieldRule* FindRule(const Message& request, const FieldPath& path) {
  const google::protobuf::FieldDescriptor& field = *path.back().field;
  const std::string by_message =
      absl::StrCat(field.containing_type()->name(), ".", field.name());
  const FieldRule* found = nullptr;
  for (const absl::Span<const FieldRule> rules :
       {absl::MakeSpan(kFieldRules), absl::MakeSpan(kWorkerFieldRules)}) {
    for (const FieldRule& rule : rules) {
      if (rule.field == RuleOf(request, path)) return &rule;
      if (rule.field == by_message) found = &rule;
    }
  }
  // A parameter without a rule has a bound, which parameters.cc says.
  static constexpr FieldRule kRefused = {"RenderSpec", ""};
  const bool is_parameter =
      field.containing_type() == v1::RenderSpec::descriptor();
  return found == nullptr && is_parameter ? &kRefused : found;
}

bool MayBeTaken(const FieldRule& rule, const std::string& kind) {
  const std::vector<std::string> kinds = absl::StrSplit(rule.taken, ' ');
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Whether a message names the field, or the entry or list that it stands in.
bool NamesField(const std::string& message, FieldPath path) {
  const size_t least = std::min<size_t>(path.size(), 2);
  for (; path.size() >= least; path.pop_back()) {
    if (absl::StartsWith(message, TextOf(path))) return true;
    if (path.back().is_entry) {
      path.back().is_entry = false;
      if (absl::StartsWith(message, TextOf(path))) return true;
    }
  }
  return false;
}

class HostileFieldsTest : public EveryMethodFixture {
 protected:
  void SpoilEachField(const ServiceMethod& method);
  void ExpectRefused(const grpc::Status& status, const FieldPath& path);
  void ExpectBounded();
};

void HostileFieldsTest::ExpectRefused(const grpc::Status& status,
                                      const FieldPath& path) {
  const std::set<grpc::StatusCode> kCodes = {
      grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::NOT_FOUND,
      grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::OUT_OF_RANGE,
      grpc::StatusCode::FAILED_PRECONDITION};
  EXPECT_EQ(kCodes.count(status.error_code()), 1u) << status.error_code();
  EXPECT_LE(status.error_message().size(), kMaxErrorBytes);
  EXPECT_EQ(EscapedText(status.error_message()), status.error_message());
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return;
  EXPECT_TRUE(NamesField(status.error_message(), path))
      << status.error_message();
}

/// What the coordinator holds, shows and exports is small and numbers.
void HostileFieldsTest::ExpectBounded() {
  const std::string page = metrics_.Text(SampleOf(control_->Counts()));
  EXPECT_LT(page.size(), size_t{256} << 10);
  for (const char* bad : {"} nan", "} Nan", "} NaN", "} inf", "} -", "e+308"}) {
    EXPECT_THAT(page, Not(HasSubstr(bad)));
  }
  size_t bytes = 0;
  const auto workers = control_->ListWorkers(AnonymousAdmin());
  for (const WorkerView& worker : *workers) {
    for (const std::string& held : worker.description.held_inputs) {
      EXPECT_EQ(held.size(), 64u);
    }
    bytes += worker.description.arithmetic.profile.size() +
             worker.description.device.size() +
             worker.description.device_model.size();
  }
  EXPECT_LT(bytes, kMaxKeptBytes);
}

void HostileFieldsTest::SpoilEachField(const ServiceMethod& method) {
  ForEachField(*method.valid, [&](const FieldPath& path) {
    SCOPED_TRACE(RuleOf(*method.valid, path));
    const FieldRule* const rule = FindRule(*method.valid, path);
    ASSERT_NE(rule, nullptr) << "has no rule in field_rules_testing.h";
    for (const HostileValue& value : HostileValues(path.back())) {
      SCOPED_TRACE(value.kind);
      const auto request = Spoiled(*method.valid, path, value);
      const SentRequest outcome = method.send(*request);
      ExpectCheckedByTheTable(*request, SmallJobLimits(),
                              RuleOf(*method.valid, path), outcome.status);
      if (!outcome.status.ok()) {
        ExpectRefused(outcome.status, path);
      } else if (outcome.taken) {
        EXPECT_TRUE(MayBeTaken(*rule, value.kind)) << "was taken";
      }
      ExpectBounded();
    }
  });
}

TEST_F(HostileFieldsTest, EveryMethodTakesItsValidRequest) {
  for (const auto& [name, method] : methods_) {
    SCOPED_TRACE(name);
    const SentRequest outcome = method.send(*method.valid);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    EXPECT_TRUE(outcome.taken);
  }
}

TEST_F(HostileFieldsTest, EveryMethodOfTheServicesIsHere) {
  std::set<std::string> named;
  for (const char* service :
       {"Jobs", "Workers", "Artifacts", "Access", "Ratings"}) {
    const auto* const descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            absl::StrCat("atelier.v1.", service));
    ASSERT_NE(descriptor, nullptr);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto& method = *descriptor->method(i);
      const std::string name = absl::StrCat(service, ".", method.name());
      named.insert(name);
      ASSERT_EQ(methods_.count(name), 1u) << name;
      EXPECT_EQ(methods_[name].valid->GetDescriptor(), method.input_type());
    }
  }
  EXPECT_EQ(named.size(), methods_.size());
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutJobsIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Jobs.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfAWorkersCallIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Workers.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutArtifactsIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Artifacts.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutAccessIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Access.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, NoFieldOfARequestAboutRatingsIsTakenAmiss) {
  for (const auto& [name, method] : methods_) {
    if (absl::StartsWith(name, "Ratings.")) SpoilEachField(method);
  }
}

TEST_F(HostileFieldsTest, ARequestOverTheWiresBoundIsRefused) {
  v1::JobSpec spec = SmallJob();
  spec.set_name(std::string(size_t{17} << 20, 'x'));
  v1::Job job;
  EXPECT_EQ(Submit(spec, &job).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace atelier
