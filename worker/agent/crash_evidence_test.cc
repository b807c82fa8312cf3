#include "worker/agent/crash_evidence.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::AttemptToken Token(int number) {
  v1::AttemptToken token;
  token.set_render_key(HexDigest("key"));
  token.set_number(number);
  token.set_epoch(3);
  return token;
}

class CrashEvidenceTest : public testing::Test {
 protected:
  std::string Notes() const { return folder_.File("running"); }

  // The note of a process that ran attempts 1 to `attempts` and has ended, in
  // the cgroup of the made-up /proc/self.
  void LeaveNote(int attempts, const std::string& signal = "000") {
    const auto note =
        AttemptNote::Open({Notes(), "i1", "w1", folder_.File("proc")}).value();
    for (int i = 1; i <= attempts; ++i) {
      ASSERT_TRUE(note->Begin(Token(i)).ok());
    }
    const std::string bytes = *ReadFile(Notes() + "/i1.note", 1 << 20);
    note->Close();
    std::ofstream(Notes() + "/i1.note")
        << "signal " << signal << bytes.substr(10);
  }
  void SetOomKills(int kills) {
    const std::string cgroup = folder_.File("cgroup/a");
    std::filesystem::create_directories(cgroup);
    std::filesystem::create_directories(folder_.File("proc"));
    std::ofstream(folder_.File("proc/cgroup")) << "0::/a\n";
    std::ofstream(folder_.File("proc/mountinfo"))
        << "32 31 0:35 / " << folder_.File("cgroup")
        << " rw - cgroup2 cgroup2 rw\n";
    std::ofstream(cgroup + "/memory.events") << "oom_kill " << kills << "\n";
    std::ofstream(cgroup + "/memory.max") << "1048576\n";
  }
  std::vector<v1::AttemptReport> Report() {
    return ReportCrashes(Notes(), outbox_).value();
  }

  TempFolder folder_;
  Outbox outbox_ = *Outbox::Open(folder_.path() + "/outbox");
};

TEST_F(CrashEvidenceTest, NoFolderAndNoNotesAreNoCrash) {
  EXPECT_THAT(Report(), IsEmpty());
  LeaveNote(0, "011");
  EXPECT_THAT(Report(), IsEmpty());
}

TEST_F(CrashEvidenceTest, AFaultSignalIsReportedForEachAttemptAndOnce) {
  LeaveNote(3, "011");
  const auto reports = Report();
  ASSERT_THAT(reports, SizeIs(3));
  EXPECT_EQ(reports[0].outcome(), v1::OUTCOME_CRASHED);
  EXPECT_EQ(reports[0].message(), "signal 11 (SIGSEGV)");
  EXPECT_THAT(*outbox_.Load(), SizeIs(3)) << "they wait there for a connection";
  EXPECT_THAT(Report(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(Notes()));
}

TEST_F(CrashEvidenceTest, AnAttemptWhoseReportWaitsHadEnded) {
  v1::AttemptReport report;
  *report.mutable_token() = Token(2);
  report.set_outcome(v1::OUTCOME_SUCCEEDED);
  ASSERT_TRUE(outbox_.Put(report).ok());
  LeaveNote(2, "006");
  EXPECT_THAT(Report(), SizeIs(1));
  const std::vector<v1::AttemptReport> all = outbox_.Load().value();
  for (const v1::AttemptReport& one : all) {
    EXPECT_EQ(one.outcome(), one.token().number() == 2 ? v1::OUTCOME_SUCCEEDED
                                                       : v1::OUTCOME_CRASHED);
  }
}

TEST_F(CrashEvidenceTest, WithoutASignalAndWithoutAKillItIsALoss) {
  LeaveNote(1);
  EXPECT_THAT(Report(), IsEmpty()) << "no cgroup is known";
  SetOomKills(4);
  LeaveNote(1);
  EXPECT_THAT(Report(), IsEmpty()) << "nothing was killed since";
  EXPECT_TRUE(std::filesystem::is_empty(Notes()));
}

TEST_F(CrashEvidenceTest, AKillForWantOfMemoryNamesTheCgroupAndItsLimit) {
  SetOomKills(4);
  LeaveNote(1);
  SetOomKills(5);
  const auto reports = Report();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].outcome(), v1::OUTCOME_CRASHED);
  EXPECT_EQ(reports[0].message(),
            absl::StrCat("killed by the kernel for want of memory (cgroup ",
                         folder_.File("cgroup/a"), ", limit 1048576 bytes)"));
}

TEST_F(CrashEvidenceTest, ACgroupThatIsGoneOrAnotherTellsNothing) {
  SetOomKills(4);
  LeaveNote(1);
  std::filesystem::rename(folder_.File("cgroup/a"), folder_.File("old"));
  SetOomKills(5);
  EXPECT_THAT(Report(), IsEmpty());
  LeaveNote(1);
  std::filesystem::remove_all(folder_.File("cgroup"));
  EXPECT_THAT(Report(), IsEmpty());
}

TEST_F(CrashEvidenceTest, AnEarlierStartOfTheMachineTellsNothing) {
  SetOomKills(4);
  LeaveNote(1);
  SetOomKills(5);
  std::string bytes = *ReadFile(Notes() + "/i1.note", 1 << 20);
  const size_t at = bytes.find(BootId());
  ASSERT_NE(at, std::string::npos);
  bytes[at] = bytes[at] == '0' ? '1' : '0';
  std::ofstream(Notes() + "/i1.note") << bytes;
  EXPECT_THAT(Report(), IsEmpty());
}

TEST_F(CrashEvidenceTest, ALivingProcessIsLeftAlone) {
  const auto note =
      AttemptNote::Open({Notes(), "i2", "w2", folder_.File("proc")}).value();
  ASSERT_TRUE(note->Begin(Token(9)).ok());
  LeaveNote(1, "011");
  // Closing the other took the handlers away; the note is still locked.
  EXPECT_THAT(Report(), SizeIs(1));
  EXPECT_TRUE(std::filesystem::exists(Notes() + "/i2.note"));
}

TEST_F(CrashEvidenceTest, WhatIsNoNoteIsRemoved) {
  std::filesystem::create_directories(Notes());
  std::ofstream(Notes() + "/x.note") << "signal 0";
  EXPECT_THAT(Report(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(Notes()));
}

}  // namespace
}  // namespace atelier
