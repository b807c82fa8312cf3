#include "common/output_stream.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>
#include <string>
#include <thread>

#include "common/signals.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(fds_, O_CLOEXEC), 0); }
  ~Pipe() {
    Close(0);
    Close(1);
  }
  int reader() const { return fds_[0]; }
  int writer() const { return fds_[1]; }
  void Close(int end) {
    if (fds_[end] >= 0) close(fds_[end]);
    fds_[end] = -1;
  }
  std::string ReadToTheEnd() const {
    std::string text;
    char piece[4096];
    ssize_t got = 0;
    while ((got = read(fds_[0], piece, sizeof(piece))) > 0) {
      text.append(piece, static_cast<size_t>(got));
    }
    return text;
  }

 private:
  int fds_[2] = {-1, -1};
};

TEST(OutputStreamTest, WritesAllThatItIsGiven) {
  Pipe pipe;
  const std::string large(300'000, 'x');
  std::thread writer([&] {
    OutputStream out(pipe.writer());
    out << "first\n" << large << 7;
    EXPECT_TRUE(FlushOutput(out).ok());
    pipe.Close(1);
  });
  EXPECT_EQ(pipe.ReadToTheEnd(), "first\n" + large + "7");
  writer.join();
}

TEST(OutputStreamTest, WaitsForADescriptorThatDoesNotBlock) {
  Pipe pipe;
  ASSERT_EQ(fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const std::string large(300'000, 'x');
  std::thread writer([&] {
    OutputStream out(pipe.writer());
    out << large;
    EXPECT_TRUE(FlushOutput(out).ok());
    pipe.Close(1);
  });
  EXPECT_EQ(pipe.ReadToTheEnd().size(), large.size());
  writer.join();
}

TEST(OutputStreamTest, SaysWhyAWriteFailed) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  OutputStream out(full);
  out << "text";
  EXPECT_EQ(std::string(FlushOutput(out).message()),
            "standard output: No space left on device");
  EXPECT_EQ(out.error(), ENOSPC);
  out << "more";
  EXPECT_FALSE(FlushOutput(out).ok()) << "what is lost stays lost";
  EXPECT_FALSE(ReaderIsGone(out));
  close(full);
}

TEST(OutputStreamTest, ReportsALostOutputOnce) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  OutputStream out(full);
  EXPECT_EQ(FinishOutput(out, "program", 2), 2) << "nothing was written";
  out << "text";
  testing::internal::CaptureStderr();
  EXPECT_EQ(FinishOutput(out, "program", 0), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "program: standard output: No space left on device\n");
  close(full);
}

TEST(OutputStreamTest, KnowsThatItsReaderIsGone) {
  Pipe pipe;
  pipe.Close(0);
  signal(SIGPIPE, SIG_IGN);
  OutputStream out(pipe.writer());
  out << "text" << std::flush;
  EXPECT_TRUE(ReaderIsGone(out));
  testing::internal::CaptureStderr();
  EXPECT_EQ(FinishOutput(out, "program", 0), kExitBrokenPipe);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  signal(SIGPIPE, SIG_DFL);
}

TEST(OutputStreamTest, AnyStreamCanBeFlushed) {
  std::ostringstream out;
  EXPECT_TRUE(FlushOutput(out).ok());
  out.setstate(std::ios::badbit);
  EXPECT_THAT(std::string(FlushOutput(out).message()),
              HasSubstr("cannot be written"));
}

TEST(HoldStandardStreamsTest, AClosedOutputStaysOne) {
  const pid_t child = fork();
  if (child == 0) {
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    HoldStandardStreams();
    const int file = open("/dev/null", O_WRONLY);
    OutputStream out(STDOUT_FILENO);
    out << "text";
    const bool failed = !FlushOutput(out).ok() && out.error() == EBADF;
    char byte = 0;
    const bool unreadable = read(STDIN_FILENO, &byte, 1) < 0;
    _exit(failed && unreadable && file > STDERR_FILENO ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace atelier
