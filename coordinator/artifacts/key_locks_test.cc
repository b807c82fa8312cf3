#include "coordinator/artifacts/key_locks.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

TEST(KeyLocksTest, WorkOnOneKeyWaitsItsTurnAndOnOthersDoesNot) {
  KeyLocks locks;
  const BlobKey a{ArtifactKind::kArtifact, "a"};
  const BlobKey other_kind{ArtifactKind::kCheckpoint, "a"};
  std::vector<std::string> done;
  KeyLocks::Hold first;
  locks.Acquire(a, [&](const KeyLocks::Hold& hold) {
    done.emplace_back("first");
    first = hold;
  });
  for (const char* name : {"second", "third"}) {
    locks.Acquire(
        a, [&done, name](const KeyLocks::Hold&) { done.emplace_back(name); });
  }
  locks.Acquire(other_kind,
                [&](const KeyLocks::Hold&) { done.emplace_back("other"); });
  EXPECT_THAT(done, ElementsAre("first", "other"));
  KeyLocks::Hold copy = first;
  first.reset();
  EXPECT_THAT(done, ElementsAre("first", "other")) << "a copy holds it";
  copy.reset();
  EXPECT_THAT(done, ElementsAre("first", "other", "second", "third"));
}

TEST(KeyLocksTest, EndsOnceNoKeyIsHeld) {
  absl::Notification may_release;
  std::thread thread;
  bool released = false;
  {
    KeyLocks locks;
    locks.Acquire(
        {ArtifactKind::kArtifact, "a"}, [&](const KeyLocks::Hold& hold) {
          thread = std::thread([&, held = KeyLocks::Hold(hold)]() mutable {
            may_release.WaitForNotification();
            released = true;
            held.reset();
          });
        });
    may_release.Notify();
  }
  EXPECT_TRUE(released);
  thread.join();
}

}  // namespace
}  // namespace atelier
