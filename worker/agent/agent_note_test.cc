// What an agent leaves of its attempts for the process after it.
#include <string>

#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"
#include "worker/agent/attempt_book.h"
#include "worker/agent/attempt_note.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class AgentNoteTest : public AgentTest {
 protected:
  AgentNoteTest() { note_ = AttemptNote::Open({Folder(), "i1", "w1"}).value(); }
  std::string Folder() const { return folder_.path() + "/running"; }
  NotedAttempts Noted() const {
    return ParseNote(*ReadFile(Folder() + "/i1.note", 1 << 20)).value();
  }
};

TEST_F(AgentNoteTest, AnAttemptIsNotedWhileItRuns) {
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  ASSERT_THAT(Noted().attempts, SizeIs(1));
  EXPECT_EQ(IdOf(Noted().attempts[0]), IdOf(Work().token()));
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_THAT(Noted().attempts, IsEmpty());
  EXPECT_TRUE(Stop().ok());
}

}  // namespace
}  // namespace atelier
