#include "monitoring/coordinator_metrics.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "monitoring/worker_metric_names.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGetJob[] = "/atelier.v1.Jobs/GetJob";

class CoordinatorMetricsTest : public ::testing::Test {
 protected:
  std::string Text() { return metrics_.Text(sample_); }

  CoordinatorMetrics metrics_{{"1.2.3", {kGetJob}}};
  ControlPlaneSample sample_;
};

TEST_F(CoordinatorMetricsTest, SaysWhichBuildItIs) {
  EXPECT_THAT(Text(), HasSubstr("atelier_build_info{version=\"1.2.3\"} 1"));
}

TEST_F(CoordinatorMetricsTest, CountsWhoIsTurnedAwayByBound) {
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("atelier_refused_calls_total{bound=\"bytes\"} 0"),
                    HasSubstr("atelier_failed_authentications_total 0")));
  metrics_.CountRefusedCall("requests");
  metrics_.CountRefusedCall("requests");
  metrics_.CountFailedAuthentication();
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr("atelier_refused_calls_total{bound=\"requests\"} 2"),
            HasSubstr("atelier_failed_authentications_total 1")));
}

TEST_F(CoordinatorMetricsTest, SaysWhenTheCertificateExpiresWhereThereIsOne) {
  constexpr char kName[] = "atelier_tls_certificate_expiry_timestamp_seconds ";
  EXPECT_THAT(Text(), Not(HasSubstr(kName)));
  metrics_.SetCertificateExpiry(absl::FromUnixSeconds(1'800'000'000));
  EXPECT_THAT(Text(), HasSubstr(std::string(kName) + "1800000000"));
}

TEST_F(CoordinatorMetricsTest, ShowsTheControlPlanesNumbers) {
  sample_.tasks_by_state = {{"queued", 7}, {"leased", 2}};
  sample_.jobs_waiting_by_reason = {{"no-worker", 3}, {"tags", 0}};
  sample_.attempts_ended_by_outcome = {{"succeeded", 40}, {"lost", 1}};
  sample_.leases_granted = 43;
  sample_.leases_expired = 1;
  sample_.reports_ignored = 5;
  sample_.workers = 2;
  sample_.quarantined_workers = 1;
  sample_.parked_calls = 1;
  sample_.stopping_attempts = 4;
  sample_.checkpoints_kept = 3;
  sample_.attempts_resumed = 2;
  sample_.checkpoint_bytes = 77;
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("# TYPE atelier_tasks gauge"),
                    HasSubstr("atelier_tasks{state=\"queued\"} 7"),
                    HasSubstr("# TYPE atelier_jobs_waiting gauge"),
                    HasSubstr("atelier_jobs_waiting{reason=\"no-worker\"} 3"),
                    HasSubstr("atelier_jobs_waiting{reason=\"tags\"} 0"),
                    HasSubstr("# TYPE atelier_attempts_total counter"),
                    HasSubstr("atelier_attempts_total{outcome=\"lost\"} 1"),
                    HasSubstr("atelier_leases_granted_total 43"),
                    HasSubstr("atelier_leases_expired_total 1"),
                    HasSubstr("atelier_reports_ignored_total 5"),
                    HasSubstr("atelier_workers 2"),
                    HasSubstr("atelier_workers_quarantined 1"),
                    HasSubstr("atelier_parked_calls 1"),
                    HasSubstr("atelier_attempts_stopping 4"),
                    HasSubstr("atelier_checkpoints_kept_total 3"),
                    HasSubstr("atelier_attempts_resumed_total 2"),
                    HasSubstr("atelier_checkpoint_stored_bytes 77")));
}

TEST_F(CoordinatorMetricsTest, CountsCallsByMethodAndCode) {
  metrics_.ObserveRpc(kGetJob, "OK", absl::Milliseconds(2));
  metrics_.ObserveRpc(kGetJob, "NOT_FOUND", absl::Milliseconds(2));
  metrics_.ObserveRpc(kGetJob, "NOT_FOUND", absl::Seconds(2));
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr("atelier_rpcs_total{code=\"NOT_FOUND\","
                      "method=\"/atelier.v1.Jobs/GetJob\"} 2"),
            HasSubstr("atelier_rpc_duration_seconds_count{"
                      "method=\"/atelier.v1.Jobs/GetJob\"} 3"),
            HasSubstr("atelier_rpc_duration_seconds_bucket{"
                      "method=\"/atelier.v1.Jobs/GetJob\",le=\"0.0025\"} 2")));
}

TEST_F(CoordinatorMetricsTest, LetsNoCallerInventLabels) {
  metrics_.ObserveRpc("/made/up", "UNIMPLEMENTED", absl::ZeroDuration());
  EXPECT_THAT(Text(), AllOf(HasSubstr("atelier_rpcs_total{code="
                                      "\"UNIMPLEMENTED\",method=\"other\"} 1"),
                            Not(HasSubstr("/made/up"))));
}

TEST_F(CoordinatorMetricsTest, SaysWhatPreviewsAndLogsTake) {
  metrics_.SetAged(5, 7);
  EXPECT_THAT(Text(), AllOf(HasSubstr("atelier_preview_stored_bytes 5"),
                            HasSubstr("atelier_log_stored_bytes 7")));
}

TEST_F(CoordinatorMetricsTest, CountsArtifactsAndTheirBytes) {
  metrics_.CountUpload(1000);
  metrics_.CountUpload(24);
  metrics_.CountDownloadedBytes(99);
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("atelier_artifact_uploads_total 2"),
                    HasSubstr("atelier_artifact_uploaded_bytes_total 1024"),
                    HasSubstr("atelier_artifact_downloaded_bytes_total 99")));
}

TEST_F(CoordinatorMetricsTest, LabelsAWorkersSamplesByItsName) {
  metrics_.SetWorkerSamples("anna", {{kWorkerIterations, 300}});
  metrics_.SetWorkerSamples("bert", {{kWorkerIterations, 200}});
  metrics_.SetWorkerSamples("bert", {{kWorkerIterations, 250}});
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr("# TYPE atelier_worker_iterations_total counter"),
            HasSubstr("atelier_worker_iterations_total{worker=\"anna\"} 300"),
            HasSubstr("atelier_worker_iterations_total{worker=\"bert\"} 250"),
            Not(HasSubstr("200"))));
}

TEST_F(CoordinatorMetricsTest, ShowsOnlySamplesOnTheAllowList) {
  metrics_.SetWorkerSamples(
      "anna", {{"atelier_worker_secrets_total", 1}, {kWorkerBusySlots, 1}});
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("atelier_worker_busy_slots{worker=\"anna\"} 1"),
                    Not(HasSubstr("secrets"))));
}

TEST_F(CoordinatorMetricsTest, DropsSamplesThatAreNotNumbers) {
  metrics_.SetWorkerSamples(
      "anna",
      {{kWorkerIterationSeconds, std::nan("")},
       {kWorkerRenderSeconds, std::numeric_limits<double>::infinity()}});
  EXPECT_THAT(Text(), Not(HasSubstr("anna")));
}

TEST_F(CoordinatorMetricsTest, DropsNumbersThatNoWorkerCanCount) {
  metrics_.SetWorkerSamples("anna", {{kWorkerIterations, -1e308},
                                     {kWorkerRenderSeconds, 1e308},
                                     {kWorkerRenders, -1}});
  EXPECT_THAT(Text(), Not(HasSubstr("anna")));
}

TEST_F(CoordinatorMetricsTest, ShowsASampleSentTwiceOnce) {
  metrics_.SetWorkerSamples("anna", {{kWorkerSlots, 1}, {kWorkerSlots, 2}});
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("atelier_worker_slots{worker=\"anna\"} 1"),
                    Not(HasSubstr("atelier_worker_slots{worker=\"anna\"} 2"))));
}

TEST_F(CoordinatorMetricsTest, DropsAWorkersSeriesWhenItLeaves) {
  metrics_.SetWorkerSamples("anna", {{kWorkerSlots, 1}});
  metrics_.SetWorkerSamples("bert", {{kWorkerSlots, 1}});
  metrics_.KeepWorkers({"bert"});
  EXPECT_THAT(Text(), AllOf(HasSubstr("worker=\"bert\""),
                            Not(HasSubstr("worker=\"anna\""))));
}

}  // namespace
}  // namespace atelier
