#include "coordinator/control/audit_log.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "coordinator/control/faulty_store_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    store_.BeginEpoch().value();
    Open({});
  }

  void Open(const AuditLog::Options& options) {
    log_ = nullptr;
    log_ = std::make_unique<AuditLog>(store_, clock_, options);
  }
  absl::Status Append(const AuditRecord& entry) {
    absl::Status result;
    absl::Notification written;
    log_->Append(entry, [&](const absl::Status& status) {
      result = status;
      written.Notify();
    });
    written.WaitForNotification();
    return result;
  }
  absl::Status AppendNamed(const std::string& action) {
    AuditRecord entry =
        AuditEntry(CoordinatorItself(), Verb::kCancelJob, clock_.Now());
    entry.action = action;
    return Append(entry);
  }
  void Refuse(const std::string& address, const std::string& user = "") {
    Caller caller;
    caller.name = user;
    caller.address = address;
    log_->CountRefusal(caller, user.empty()
                                   ? absl::UnauthenticatedError("no token")
                                   : CheckAccess(caller, Verb::kDrainWorker));
  }
  // Newest first.
  std::vector<AuditRecord> Entries() {
    return log_->List(AnonymousAdmin(), {}, AuditLog::kMaxPage).value();
  }
  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    for (const AuditRecord& one : Entries()) actions.push_back(one.action);
    return actions;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  FaultyStore store_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, AnEntryIsDurableOnceItsWriterHears) {
  Caller caller{"anna", {Role::kSubmit}, "0a1b2c3d4e5f"};
  caller.address = "10.0.0.7";
  AuditRecord entry = AuditEntry(caller, Verb::kUploadArtifact, clock_.Now());
  entry.target = "d";
  SetOutcome(entry, absl::OkStatus());
  ASSERT_TRUE(Append(entry).ok());
  ASSERT_THAT(Entries(), SizeIs(1));
  EXPECT_EQ(Entries()[0].action, "upload-artifact");
  EXPECT_EQ(Entries()[0].accessor, "0a1b2c3d4e5f");
  EXPECT_EQ(Entries()[0].outcome, "OK");
}

TEST_F(AuditLogTest, AWriterHearsThatTheStoreFailed) {
  store_.FailNext(Fault::kLost);
  EXPECT_TRUE(absl::IsUnavailable(AppendNamed("a")));
  EXPECT_THAT(Entries(), IsEmpty());
  EXPECT_TRUE(AppendNamed("b").ok());
}

TEST_F(AuditLogTest, LongMessagesAreCut) {
  AuditRecord entry;
  SetOutcome(entry, absl::NotFoundError(std::string(100'000, 'x')));
  EXPECT_EQ(entry.outcome, "NOT_FOUND");
  EXPECT_LE(entry.message.size(), 500);
}

TEST_F(AuditLogTest, RefusalsOfAMinuteAreOneEntry) {
  for (int i = 0; i < 3; ++i) Refuse("10.0.0.7");
  Refuse("10.0.0.8");
  Refuse("10.0.0.7", "bert");
  log_->Tick();
  EXPECT_THAT(Entries(), IsEmpty()) << "the minute is not over";
  clock_.Advance(AuditLog::kRefusalsSummedFor + absl::Microseconds(1));
  log_->Tick();
  const std::vector<AuditRecord> entries = Entries();
  ASSERT_THAT(entries, SizeIs(3));
  int64_t of_first = 0;
  for (const AuditRecord& one : entries) {
    EXPECT_TRUE(one.is_refusal);
    EXPECT_EQ(one.at, absl::FromUnixSeconds(1'000'000));
    if (one.user == "bert") {
      EXPECT_EQ(one.action, "drain-worker");
      EXPECT_EQ(one.outcome, "PERMISSION_DENIED");
      EXPECT_THAT(one.message, HasSubstr("bert may not drain a worker"));
      EXPECT_EQ(one.count, 1);
    } else if (one.address == "10.0.0.7") {
      EXPECT_EQ(one.action, "authenticate");
      EXPECT_EQ(one.outcome, "UNAUTHENTICATED");
      of_first = one.count;
    }
  }
  EXPECT_EQ(of_first, 3);
}

TEST_F(AuditLogTest, OtherErrorsAreNoRefusals) {
  log_->CountRefusal(Caller(), absl::NotFoundError("no job"));
  log_->CountRefusal(Caller(), absl::OkStatus());
  Open({});
  EXPECT_THAT(Entries(), IsEmpty());
}

TEST_F(AuditLogTest, MoreKindsThanAreToldApartAreOne) {
  for (size_t i = 0; i < AuditLog::kMaxRefusalKinds + 7; ++i) {
    Refuse(absl::StrCat("10.0.0.", i));
  }
  Open({});
  const std::vector<AuditRecord> entries = Entries();
  ASSERT_THAT(entries, SizeIs(AuditLog::kMaxRefusalKinds + 1));
  int64_t rest = 0;
  for (const AuditRecord& one : entries) {
    if (one.address.empty()) rest = one.count;
  }
  EXPECT_EQ(rest, 7);
}

TEST_F(AuditLogTest, RefusalsThatCouldNotBeWrittenAreCountedOn) {
  Refuse("10.0.0.7");
  clock_.Advance(2 * AuditLog::kRefusalsSummedFor);
  store_.FailNext(Fault::kLost);
  log_->Tick();
  Refuse("10.0.0.7");
  log_->Tick();
  ASSERT_THAT(Entries(), SizeIs(1));
  EXPECT_EQ(Entries()[0].count, 2);
}

TEST_F(AuditLogTest, TheLogIsBoundedByRowsAndAge) {
  AuditLog::Options options;
  options.max_rows = 4;
  options.keep = absl::Hours(1);
  Open(options);
  for (const char* action : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(AppendNamed(action).ok());
  }
  log_->Tick();
  EXPECT_THAT(Actions(), ElementsAre("e", "d", "c", "b"));
  clock_.Advance(absl::Hours(2));
  ASSERT_TRUE(AppendNamed("f").ok());
  log_->Tick();
  EXPECT_THAT(Actions(), ElementsAre("f"));
}

TEST_F(AuditLogTest, RefusalsRemoveNoChanges) {
  AuditLog::Options options;
  options.max_rows = 8;
  Open(options);
  ASSERT_TRUE(AppendNamed("a").ok());
  for (int i = 0; i < 6; ++i) Refuse(absl::StrCat("10.0.0.", i));
  clock_.Advance(2 * AuditLog::kRefusalsSummedFor);
  log_->Tick();
  EXPECT_THAT(Actions(), ElementsAre("authenticate", "authenticate", "a"));
}

TEST_F(AuditLogTest, OnlyAdminsReadIt) {
  const Caller reader{"anna", {Role::kRead, Role::kSubmit, Role::kWork}};
  EXPECT_TRUE(absl::IsPermissionDenied(log_->List(reader, {}, 1).status()));
}

}  // namespace
}  // namespace atelier
