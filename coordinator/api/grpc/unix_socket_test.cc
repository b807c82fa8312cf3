#include "coordinator/api/grpc/unix_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "common/rpc/channel.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

// Returns the listening socket.
int ListenOn(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
      0);
  EXPECT_EQ(listen(fd, 1), 0);
  return fd;
}

TEST(UnixSocketTest, IsTakenWhileSomebodyListens) {
  const TempFolder folder;
  const std::string path = folder.File("socket");
  EXPECT_TRUE(CheckUnixSocketIsFree(path).ok());
  const int listening = ListenOn(path);
  const absl::Status taken = CheckUnixSocketIsFree(path);
  EXPECT_TRUE(absl::IsUnavailable(taken));
  EXPECT_THAT(std::string(taken.message()),
              HasSubstr("another coordinator answers there"));
  close(listening);
  // As after a kill, the file stays.
  ASSERT_EQ(access(path.c_str(), F_OK), 0);
  EXPECT_TRUE(CheckUnixSocketIsFree(path).ok());
}

TEST(UnixSocketTest, AFileIsNoSocket) {
  const TempFolder folder;
  const std::string path = folder.File("file");
  std::ofstream(path) << "mine";
  const absl::Status status = CheckUnixSocketIsFree(path);
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("a file is there"));
}

class ServedSocketTest : public ServiceFixture {
 protected:
  ServedSocketTest() { close(ListenOn(socket_)); }  // As a kill leaves it.

  void Adjust(ServerOptions& options) override {
    options.listen = Endpoint{"", 0, false, socket_};
  }

  TempFolder sockets_;
  const std::string socket_ = sockets_.File("grpc");
};

TEST_F(ServedSocketTest, IsServedAndNotTakenFromOneThatLives) {
  grpc::ClientContext context;
  v1::ListJobsResponse response;
  const auto status =
      v1::Jobs::NewStub(MakeChannel(*ParseEndpoint("unix:" + socket_)))
          ->ListJobs(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  ServerOptions options;
  Adjust(options);
  const auto second = Server::Start(
      {*control_, *artifacts_, *garbage_, metrics_, Clock::Real()}, options);
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("another coordinator answers there"));
}

TEST(CheckMayListenTest, KeepsToLoopbackUnlessInsecureIsGivenByName) {
  const Endpoint everywhere{"0.0.0.0", 7070};
  EXPECT_TRUE(CheckMayListen("--listen", {"127.0.0.1", 7070}, false).ok());
  EXPECT_TRUE(CheckMayListen("--listen", everywhere, true).ok());
  const absl::Status status = CheckMayListen("--http", everywhere, false);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--http: 0.0.0.0:7070"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--insecure"));
}

}  // namespace
}  // namespace atelier
