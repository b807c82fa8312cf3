#include "tests/testing/cluster.h"

#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/rpc/channel.h"
#include "common/token/token_source.h"
#include "gtest/gtest.h"
#include "tests/testing/http_client.h"

namespace atelier {

Cluster::Cluster(ClusterOptions options) : options_(std::move(options)) {
  StartCoordinator("127.0.0.1:0", "127.0.0.1:0");
}

std::shared_ptr<grpc::Channel> Cluster::Connect() const {
  TokenVariables variables;
  variables.xdg_config_home = ConfigurationFolder();
  return MakeChannel(
      *ParseEndpoint(address_), {},
      std::make_shared<TokenSource>("", variables, Clock::Steady()));
}

std::string Cluster::Token() {
  return std::string(absl::StripAsciiWhitespace(
      ReadFile(ConfigurationFolder() + "/atelier/token")));
}

void Cluster::StartWorker(const std::string& name,
                          const std::vector<std::string>& flags,
                          const std::string& program) {
  std::vector<std::string> argv = {Binary(program),
                                   "--coordinator",
                                   address_,
                                   "--threads",
                                   "1",
                                   "--name",
                                   name,
                                   "--cache",
                                   worker_folder(name)};
  argv.insert(argv.end(), flags.begin(), flags.end());
  workers_[name] = std::make_unique<ChildProcess>(argv, options_.variables);
}

Finished Cluster::StopWorker(const std::string& name) {
  return EndWorker(name, SIGTERM);
}

Finished Cluster::EndWorker(const std::string& name, int signal) {
  workers_.at(name)->Signal(signal);
  return AwaitEnd(name);
}

Finished Cluster::AwaitEnd(const std::string& name) {
  const auto finished = workers_.at(name)->Wait(absl::Seconds(20));
  EXPECT_TRUE(finished.has_value()) << name << " does not end";
  workers_.erase(name);
  return finished.value_or(Finished{-1, "", ""});
}

Finished Cluster::StopCoordinator() {
  coordinator_->Signal(SIGTERM);
  const auto finished = coordinator_->Wait(absl::Seconds(20));
  EXPECT_TRUE(finished.has_value()) << "the coordinator does not end";
  coordinator_.reset();
  return finished.value_or(Finished{-1, "", ""});
}

void Cluster::RestartCoordinator() {
  StartCoordinator(HostAndPort(*ParseEndpoint(address_)), http_address_);
}

std::string Cluster::AwaitReadiness(const std::string& begins) const {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  const Endpoint http = *ParseEndpoint(http_address_);
  while (true) {
    const HttpAnswer page = HttpGet(http, "/readyz");
    const std::string answer =
        page.code > 0 ? absl::StrCat(page.code, " ", page.body) : "no answer";
    if (absl::StartsWith(answer, begins) || absl::Now() > deadline) {
      return answer;
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
}

double Cluster::Metric(const std::string& series) const {
  const HttpAnswer page =
      HttpGet(*ParseEndpoint(http_address_), "/metrics", Token());
  double value = 0;
  for (absl::string_view line : absl::StrSplit(page.body, '\n')) {
    if (absl::ConsumePrefix(&line, series) && absl::ConsumePrefix(&line, " ") &&
        absl::SimpleAtod(line, &value)) {
      return value;
    }
  }
  ADD_FAILURE() << "/metrics has no " << series;
  return value;
}

void Cluster::AwaitMetric(const std::string& series, double value) const {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (Metric(series) != value && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_EQ(Metric(series), value) << series;
}

void Cluster::StartCoordinator(const std::string& listen,
                               const std::string& http) {
  const std::string ready = folder_ / "ready.json";
  std::filesystem::remove(ready);
  std::vector<std::string> argv = {Binary("atelier-coordinator"),
                                   "--listen",
                                   listen,
                                   "--http",
                                   http,
                                   "--data",
                                   data(),
                                   "--ready-file",
                                   ready};
  argv.insert(argv.end(), options_.coordinator_flags.begin(),
              options_.coordinator_flags.end());
  coordinator_ = std::make_unique<ChildProcess>(argv, options_.variables);
  ASSERT_TRUE(WaitForFile(ready, absl::Seconds(30))) << coordinator_->Errors();
  const auto addresses = nlohmann::json::parse(ReadFile(ready));
  address_ = addresses.at("listen");
  http_address_ = addresses.at("http");
}

}  // namespace atelier
