// Links that log a browser in: what `login-link` and `up` print.
#include "client/lib/login_link.h"

#include <sys/stat.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/lib/fake_jobs.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/file_server.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class PageCluster : public Cluster {
 public:
  explicit PageCluster(std::string http) : http_(std::move(http)) {}
  const std::string& coordinator() const override { return coordinator_; }
  const std::string& http() const override { return http_; }

 private:
  const std::string coordinator_ = "127.0.0.1:7070";
  const std::string http_;
};

class LoginLinkTest : public ::testing::Test {
 protected:
  LoginLinkTest() {
    environment_.make_login_link = [this](const LoginLinkRequest& request,
                                          StopSignal&) {
      asked_.push_back(request);
      return answer_;
    };
    environment_.start_cluster = [this](const LocalClusterOptions&)
        -> absl::StatusOr<std::unique_ptr<Cluster>> {
      return std::make_unique<PageCluster>(http_);
    };
  }

  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    return RunAtelier(arguments, environment_);
  }
  // Until Ctrl-C.
  int Up() {
    interruption_.Interrupt(absl::CancelledError("interrupted"));
    return Run({"up"});
  }

  FakeJobs jobs_;
  InProcessServer server_{&jobs_};
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
  Environment environment_ = EnvironmentOver(server_, out_, err_, interruption_,
                                             clock_, /*columns=*/80);
  std::string http_ = "127.0.0.1:1";
  std::vector<LoginLinkRequest> asked_;
  absl::StatusOr<std::string> answer_ = "http://h:7071/#login=12ab";
};

TEST_F(LoginLinkTest, IsTheOnlyThingThatIsPrinted) {
  environment_.token_variables.token = "atl_secret";
  EXPECT_EQ(Run({"login-link"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "http://h:7071/#login=12ab\n");
  EXPECT_THAT(err_.str(), IsEmpty());
  ASSERT_EQ(asked_.size(), 1);
  EXPECT_EQ(PageUrl(asked_[0].http), "http://127.0.0.1:7071/");
  EXPECT_EQ(asked_[0].token, "atl_secret");
}

TEST_F(LoginLinkTest, AsksWhereTheCoordinatorIsOrWhereItIsTold) {
  environment_.token_variables.token = "atl_secret";
  for (const auto& [arguments, url] :
       {std::pair(std::vector<std::string>{"--coordinator", "farm:9"},
                  "https://farm:7071/"),
        std::pair(std::vector<std::string>{"--coordinator", "unix:/run/a"},
                  "http://127.0.0.1:7071/"),
        std::pair(std::vector<std::string>{"--http", "farm:80"},
                  "https://farm:80/"),
        std::pair(std::vector<std::string>{"--http", "127.0.0.1:80"},
                  "http://127.0.0.1:80/")}) {
    SCOPED_TRACE(url);
    std::vector<std::string> all = {"login-link"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(Run(all), 0) << err_.str();
    EXPECT_EQ(PageUrl(asked_.back().http), url);
  }
}

TEST_F(LoginLinkTest, WithoutATokenItSaysWhereOneIsLookedFor) {
  environment_.token_variables.home = "/no/such/home";
  EXPECT_EQ(Run({"login-link"}), 3);
  EXPECT_THAT(err_.str(), StartsWith("atelier: a link needs a token for "
                                     "127.0.0.1:7071; a token was looked for"));
  EXPECT_THAT(asked_, IsEmpty());
  // Not in the clear to another machine.
  environment_.token_variables.token = "atl_secret";
  EXPECT_EQ(Run({"login-link", "--http", "grpc://farm:80"}), 3) << err_.str();
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_EQ(Run({"login-link", "--http", "unix:/run/a"}), 2);
  EXPECT_EQ(Run({"login-link", "--http", "farm"}), 2);
  EXPECT_THAT(err_.str(), StartsWith("atelier: http: "));
}

TEST_F(LoginLinkTest, UpPrintsThePlainAddressWhereThereIsNoToken) {
  environment_.token_variables.home = "/no/such/home";
  // Another coordinator's, not this one's.
  environment_.token_variables.token = "atl_secret";
  EXPECT_EQ(Up(), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("\nhttp://127.0.0.1:1/\n"));
  EXPECT_THAT(asked_, IsEmpty());
}

// The default file's token, for a port at which this user listens.
class UpLoginLinkTest : public LoginLinkTest {
 protected:
  UpLoginLinkTest() {
    const std::string token = folder_.File("atelier/token");
    EXPECT_TRUE(MakeFolders(folder_.File("atelier")).ok());
    EXPECT_TRUE(WriteFile(token, "atl_local", Durability::kAtomic).ok());
    chmod(token.c_str(), 0600);
    environment_.token_variables.xdg_config_home = folder_.path();
    http_ = listener_.Url("").substr(std::string("http://").size());
  }

  TempFolder folder_;
  FileServer listener_{"", {}};
};

TEST_F(UpLoginLinkTest, UpPrintsALinkOnALineOfItsOwn) {
  EXPECT_EQ(Up(), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("\nhttp://h:7071/#login=12ab\n"));
  ASSERT_EQ(asked_.size(), 1);
  EXPECT_EQ(asked_[0].token, "atl_local");
}

TEST_F(UpLoginLinkTest, UpPrintsThePlainAddressWhereNoTokenIsAskedFor) {
  answer_ = absl::FailedPreconditionError("no code is needed");
  EXPECT_EQ(Up(), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("\nhttp://" + http_ + "/\n"));
}

TEST_F(UpLoginLinkTest, UpPrintsNoLinkToWhatMayBeALog) {
  environment_.terminal = {};
  EXPECT_EQ(Up(), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("\nhttp://" + http_ + "/\n"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST(PageUrlTest, HasTheSchemeOfTheServer) {
  EXPECT_EQ(PageUrl({"::1", 7071}), "http://[::1]:7071/");
  EXPECT_EQ(PageUrl({"farm", 443, true}), "https://farm:443/");
}

TEST(MakeLoginLinkTest, SaysThatNobodyAnswersAndNotTheToken) {
  StopSignal stop;
  const absl::Status none =
      MakeLoginLink({{"127.0.0.1", 1}, "", "atl_secret"}, stop).status();
  EXPECT_TRUE(absl::IsUnavailable(none)) << none;
  EXPECT_THAT(none.message(), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace atelier
