#include "coordinator/api/http/own_host.h"

#include <unistd.h>

#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::Contains;

TEST(OwnHostTest, IsLoopbackByAnyNameOrOneOfThoseGiven) {
  for (const char* host : {"localhost", "LocalHost:7071", "localhost.",
                           "127.0.0.1", "127.8.9.10:80", "[::1]", "[::1]:7071",
                           "::1", "farm", "FARM:7071", "farm.:7071"}) {
    EXPECT_TRUE(IsOwnHost(host, {"farm"})) << host;
  }
  for (const char* host :
       {"", ":7071", "evil.example", "evil.example:7071", "localhost.evil",
        "127.0.0.1.evil", "farm.evil", "128.0.0.1", "0.0.0.0", "10.0.0.7",
        "[::2]", "[", "[]", "localhost@evil", "evil localhost"}) {
    EXPECT_FALSE(IsOwnHost(host, {"farm"})) << host;
  }
}

TEST(OwnHostTest, NamesAreTheMachinesAndWhatIsListenedOn) {
  char name[256] = "";
  ASSERT_EQ(gethostname(name, sizeof(name) - 1), 0);
  EXPECT_THAT(OwnNames("10.0.0.5"), Contains("10.0.0.5"));
  EXPECT_THAT(OwnNames("10.0.0.5"), Contains(name));
}

}  // namespace
}  // namespace atelier
