// Holds the alert rules and the dashboard against what /metrics really shows.
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "monitoring/coordinator_metrics.h"
#include "monitoring/worker_metric_names.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

std::string ReadMonitoringFile(const std::string& name) {
  std::ifstream file(std::string(ATELIER_MONITORING_FOLDER) + "/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> AllMatches(const std::string& text, const char* pattern,
                                 int group) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end;
       it != end; ++it) {
    found.insert((*it)[group]);
  }
  return found;
}

/// Every family of a coordinator with one worker, and the series of its
/// histograms.
std::set<std::string> ExposedNames() {
  CoordinatorMetrics metrics({"test", {"/atelier.v1.Jobs/GetJob"}});
  std::vector<std::pair<std::string, double>> samples;
  for (const WorkerMetric& metric : kWorkerMetrics) {
    samples.emplace_back(metric.name, 1);
  }
  metrics.SetWorkerSamples("anna", samples);
  metrics.SetCertificateExpiry(absl::UnixEpoch());
  const std::string page = metrics.Text({});
  std::set<std::string> names =
      AllMatches(page, "# TYPE (atelier_[a-z0-9_]+) ", 1);
  for (const std::string& histogram :
       AllMatches(page, "# TYPE (atelier_[a-z0-9_]+) histogram", 1)) {
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      names.insert(histogram + suffix);
    }
  }
  return names;
}

void ExpectOnlyExposedNames(const std::string& text) {
  const std::set<std::string> used =
      AllMatches(text, "\\batelier_[a-z0-9_]+", 0);
  EXPECT_THAT(used, Not(IsEmpty()));
  const std::set<std::string> exposed = ExposedNames();
  for (const std::string& name : used) EXPECT_THAT(exposed, Contains(name));
}

TEST(AlertsTest, UseOnlyMetricsThatExist) {
  ExpectOnlyExposedNames(ReadMonitoringFile("alerts.yml"));
  ExpectOnlyExposedNames(ReadMonitoringFile("alerts_test.yml"));
}

TEST(AlertsTest, AreEachTested) {
  const std::set<std::string> defined =
      AllMatches(ReadMonitoringFile("alerts.yml"), "- alert: (\\w+)", 1);
  EXPECT_THAT(defined, Not(IsEmpty()));
  EXPECT_EQ(
      AllMatches(ReadMonitoringFile("alerts_test.yml"), "alertname: (\\w+)", 1),
      defined);
}

TEST(DashboardTest, IsValidAndUsesOnlyMetricsThatExist) {
  const std::string text = ReadMonitoringFile("grafana/atelier.json");
  ExpectOnlyExposedNames(text);

  const nlohmann::json dashboard = nlohmann::json::parse(text);
  std::set<int> ids;
  for (const nlohmann::json& panel : dashboard.at("panels")) {
    SCOPED_TRACE(panel.at("title").get<std::string>());
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second);
    EXPECT_FALSE(panel.at("targets").empty());
  }
  EXPECT_FALSE(ids.empty());
}

TEST(MetricNamesTest, BeginWithTheProjectAndCountersEndInTotal) {
  for (const WorkerMetric& metric : kWorkerMetrics) {
    const std::string name = metric.name;
    SCOPED_TRACE(name);
    EXPECT_EQ(name.rfind("atelier_worker_", 0), 0u);
    const bool total =
        name.size() > 6 && name.compare(name.size() - 6, 6, "_total") == 0;
    EXPECT_EQ(total, metric.kind == WorkerMetricKind::kCounter);
  }
}

}  // namespace
}  // namespace atelier
