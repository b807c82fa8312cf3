#include "worker/agent/attempt_note.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/signals.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"
#include "worker/agent/attempt_book.h"
#include "worker/agent/fault_signals.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::AttemptToken Token(int number) {
  v1::AttemptToken token;
  token.set_render_key(HexDigest("key"));
  token.set_number(number);
  token.set_epoch(3);
  token.set_secret(std::string(32, 'e'));
  return token;
}

class AttemptNoteTest : public testing::Test {
 protected:
  AttemptNote::Options Options() const { return {folder_.path(), "i1", "w1"}; }
  NotedAttempts Read() const {
    return ParseNote(*ReadFile(folder_.File("i1.note"), 1 << 20)).value();
  }
  // Runs `body` in a process of its own, without the handlers of a sanitizer.
  // Returns how that ended, as waitpid has it.
  template <typename Body>
  static int InChild(Body body) {
    const pid_t child = fork();
    if (child == 0) {
      for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
        std::signal(number, SIG_DFL);
      }
      body();
      _exit(77);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }

  TempFolder folder_;
};

TEST_F(AttemptNoteTest, SaysWhatRuns) {
  const auto note = AttemptNote::Open(Options()).value();
  EXPECT_THAT(Read().attempts, IsEmpty());
  EXPECT_EQ(Read().worker, "w1");
  EXPECT_EQ(Read().boot_id, BootId());
  ASSERT_TRUE(note->Begin(Token(1)).ok());
  ASSERT_TRUE(note->Begin(Token(2)).ok());
  ASSERT_TRUE(note->Refresh().ok());
  ASSERT_THAT(Read().attempts, SizeIs(2));
  ASSERT_TRUE(note->End(Token(1)).ok());
  ASSERT_THAT(Read().attempts, SizeIs(1));
  EXPECT_EQ(IdOf(Read().attempts[0]), IdOf(Token(2)));
  EXPECT_EQ(Read().fault_signal, 0);
}

TEST_F(AttemptNoteTest, HoldsABatchOfTheLargestSizeAndMore) {
  const auto note = AttemptNote::Open(Options()).value();
  for (int i = 1; i <= 64; ++i) ASSERT_TRUE(note->Begin(Token(i)).ok());
  EXPECT_THAT(Read().attempts, SizeIs(64));
  for (int i = 2; i <= 64; ++i) ASSERT_TRUE(note->End(Token(i)).ok());
  EXPECT_THAT(Read().attempts, SizeIs(1))
      << "nothing is left of the longer one";
}

TEST_F(AttemptNoteTest, LeavesNothingWhenItIsClosed) {
  const auto note = AttemptNote::Open(Options()).value();
  ASSERT_TRUE(note->Begin(Token(1)).ok());
  note->Close();
  EXPECT_EQ(folder_.FileCount(), 0);
  EXPECT_TRUE(note->End(Token(1)).ok()) << "a slot may still end";
  EXPECT_TRUE(note->Begin(Token(2)).ok());
  EXPECT_EQ(folder_.FileCount(), 0);
}

TEST_F(AttemptNoteTest, AFaultSignalIsNotedAndEndsTheProcessAllTheSame) {
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    SCOPED_TRACE(NameOfSignal(number));
    const int status = InChild([&] {
      const auto note = AttemptNote::Open(Options()).value();
      if (!note->Begin(Token(1)).ok()) _exit(78);
      kill(getpid(), number);
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), number);
    EXPECT_EQ(Read().fault_signal, number);
    EXPECT_THAT(Read().attempts, SizeIs(1));
  }
}

TEST_F(AttemptNoteTest, AFaultOfItsOwnIsNoted) {
  const int status = InChild([&] {
    const auto note = AttemptNote::Open(Options()).value();
    void* const page =
        mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<volatile char*>(page) = 1;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSEGV);
  EXPECT_EQ(Read().fault_signal, SIGSEGV);
}

TEST_F(AttemptNoteTest, AnAbortIsNoted) {
  const int status = InChild([&] {
    const auto note = AttemptNote::Open(Options()).value();
    std::abort();
  });
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_EQ(Read().fault_signal, SIGABRT);
}

// Calls itself until the stack is at its end; not as a loop.
int Overflow(volatile int* depth) {
  if (*depth > 1'000'000'000) return 0;
  volatile char page[4096];
  page[0] = static_cast<char>(++*depth);
  return Overflow(depth) + page[0];
}

TEST_F(AttemptNoteTest, AStackThatOverflowsIsNotedWhereThereIsAnotherOne) {
  const int status = InChild([&] {
    const auto note = AttemptNote::Open(Options()).value();
    std::thread([] {
      const SignalStack stack;
      volatile int depth = 0;
      Overflow(&depth);
    }).join();
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSEGV);
  EXPECT_EQ(Read().fault_signal, SIGSEGV);
}

TEST_F(AttemptNoteTest, AKillLeavesNoSignal) {
  for (int number : {SIGKILL, SIGTERM}) {
    InChild([&] {
      const auto note = AttemptNote::Open(Options()).value();
      if (!note->Begin(Token(1)).ok()) _exit(78);
      kill(getpid(), number);
    });
    EXPECT_EQ(Read().fault_signal, 0);
    EXPECT_THAT(Read().attempts, SizeIs(1));
  }
}

TEST_F(AttemptNoteTest, AHandlerThatStoodThereRunsAfter) {
  const int status = InChild([&] {
    struct sigaction action = {};
    action.sa_handler = [](int) { _exit(42); };
    sigaction(SIGSEGV, &action, nullptr);
    const auto note = AttemptNote::Open(Options()).value();
    raise(SIGSEGV);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(Read().fault_signal, SIGSEGV);
}

TEST_F(AttemptNoteTest, AFolderThatCannotBeMadeIsAnError) {
  std::filesystem::remove_all(folder_.path());
  ASSERT_TRUE(WriteFile(folder_.path(), "a file", Durability::kAtomic).ok());
  EXPECT_FALSE(AttemptNote::Open(Options()).ok());
}

TEST(ParseNoteTest, WhatIsNoNoteIsRefused) {
  const std::string token =
      absl::StrCat(R"({"render_key":")", HexDigest("key"), R"(","epoch":1,)");
  for (const std::string& text : {
           std::string(),
           std::string("signal 011"),
           std::string("signal 0x1\n{}"),
           std::string("signal 011\n"),
           std::string("signal 011\n[]"),
           std::string("signal 011\n{}"),
           std::string(R"(signal 011
{"attempts":[{}]})"),
           std::string(R"(signal 011
{"attempts":7})"),
           std::string("signal 011\n{\"attempts\":[" + token +
                       "\"number\":\"1\"}]}"),
           std::string("signal 011\n{\"attempts\":[" + token +
                       "\"number\":0}]}"),
           std::string("signal 011\n{\"attempts\":[" + token + "\"number\":1}"),
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ParseNote(text).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace atelier
