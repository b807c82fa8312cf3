#include "monitoring/coordinator_metrics.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "monitoring/metric_families.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace atelier {
namespace {

constexpr char kOtherMethod[] = "other";

// From a lookup in memory (under a millisecond) to a full long poll (20 s).
const std::vector<double>& LatencyBounds() {
  static const auto* const bounds = new std::vector<double>{
      .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30};
  return *bounds;
}

}  // namespace

struct CoordinatorMetrics::Impl {
  explicit Impl(const CoordinatorMetricsOptions& options) {
    prometheus::BuildGauge()
        .Name("atelier_build_info")
        .Help("Always 1; the label says which build this is.")
        .Register(registry)
        .Add({{"version", options.version}})
        .Set(1);
    for (const char* kind : {"artifact", "checkpoint"}) {
      damaged.Add({{"kind", kind}});
    }
    for (const char* bound : {"requests", "bytes", "streams", "uploads"}) {
      refused_calls.Add({{"bound", bound}});
    }
    latencies.emplace(kOtherMethod, AddLatency(kOtherMethod));
    for (const std::string& method : options.rpc_methods) {
      latencies.emplace(method, AddLatency(method));
      rpcs.Add({{"method", method}, {"code", "OK"}});
    }
  }

  prometheus::Histogram* AddLatency(const std::string& method) {
    return &latency_family.Add({{"method", method}}, LatencyBounds());
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& rpcs =
      prometheus::BuildCounter()
          .Name("atelier_rpcs_total")
          .Help("Finished gRPC calls, by method and status code.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& latency_family =
      prometheus::BuildHistogram()
          .Name("atelier_rpc_duration_seconds")
          .Help("Time from a call's arrival to its status, parking included.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& refused_calls =
      prometheus::BuildCounter()
          .Name("atelier_refused_calls_total")
          .Help("Calls refused for a bound of their caller's, by the bound.")
          .Register(registry);
  prometheus::Counter& failed_authentications =
      prometheus::BuildCounter()
          .Name("atelier_failed_authentications_total")
          .Help("Calls and requests without a valid token.")
          .Register(registry)
          .Add({});
  prometheus::Family<prometheus::Gauge>& certificate_expiry =
      prometheus::BuildGauge()
          .Name("atelier_tls_certificate_expiry_timestamp_seconds")
          .Help("When the certificate that is served expires, in Unix time.")
          .Register(registry);
  prometheus::Counter& uploads =
      prometheus::BuildCounter()
          .Name("atelier_artifact_uploads_total")
          .Help("Artifacts that became durable through an upload.")
          .Register(registry)
          .Add({});
  prometheus::Counter& uploaded_bytes =
      prometheus::BuildCounter()
          .Name("atelier_artifact_uploaded_bytes_total")
          .Help("Bytes of the artifacts uploaded.")
          .Register(registry)
          .Add({});
  prometheus::Counter& downloaded_bytes =
      prometheus::BuildCounter()
          .Name("atelier_artifact_downloaded_bytes_total")
          .Help("Bytes of artifacts sent.")
          .Register(registry)
          .Add({});
  prometheus::Family<prometheus::Counter>& damaged =
      prometheus::BuildCounter()
          .Name("atelier_artifacts_damaged_total")
          .Help("Stored files that were found not to be what they should.")
          .Register(registry);
  prometheus::Counter& scrubbed_bytes =
      prometheus::BuildCounter()
          .Name("atelier_scrubbed_bytes_total")
          .Help("Bytes read through in search of damage.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& orphans =
      prometheus::BuildGauge()
          .Name("atelier_checkpoint_orphans")
          .Help("Checkpoints' files that nothing names, to be removed.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& orphan_bytes =
      prometheus::BuildGauge()
          .Name("atelier_checkpoint_orphan_bytes")
          .Help("Bytes of the checkpoints' files that nothing names.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& preview_bytes =
      prometheus::BuildGauge()
          .Name("atelier_preview_stored_bytes")
          .Help("Bytes of all previews, as --preview-bytes counts them.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& log_bytes =
      prometheus::BuildGauge()
          .Name("atelier_log_stored_bytes")
          .Help("Bytes of all logs, as --log-bytes counts them.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& free_bytes =
      prometheus::BuildGauge()
          .Name("atelier_storage_free_bytes")
          .Help("Bytes that are free on the disk under --data.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& is_full =
      prometheus::BuildGauge()
          .Name("atelier_storage_full")
          .Help("1 while nothing new is accepted for want of room, else 0.")
          .Register(registry)
          .Add({});
  // Filled by the constructor, only read after it.
  std::map<std::string, prometheus::Histogram*> latencies;
  WorkerSamples workers;
};

CoordinatorMetrics::CoordinatorMetrics(const CoordinatorMetricsOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}

CoordinatorMetrics::~CoordinatorMetrics() = default;

void CoordinatorMetrics::ObserveRpc(const std::string& method,
                                    const std::string& code,
                                    absl::Duration elapsed) {
  auto known = impl_->latencies.find(method);
  if (known == impl_->latencies.end()) {
    known = impl_->latencies.find(kOtherMethod);
  }
  known->second->Observe(absl::ToDoubleSeconds(elapsed));
  impl_->rpcs.Add({{"method", known->first}, {"code", code}}).Increment();
}

void CoordinatorMetrics::CountUpload(int64_t bytes) {
  impl_->uploads.Increment();
  impl_->uploaded_bytes.Increment(static_cast<double>(bytes));
}

void CoordinatorMetrics::CountDownloadedBytes(int64_t bytes) {
  impl_->downloaded_bytes.Increment(static_cast<double>(bytes));
}

void CoordinatorMetrics::CountDamagedArtifact(const std::string& kind) {
  impl_->damaged.Add({{"kind", kind}}).Increment();
}

void CoordinatorMetrics::SetDisk(int64_t free_bytes, bool is_full) {
  impl_->free_bytes.Set(static_cast<double>(free_bytes));
  impl_->is_full.Set(is_full ? 1 : 0);
}

void CoordinatorMetrics::SetOrphans(int64_t files, int64_t bytes) {
  impl_->orphans.Set(static_cast<double>(files));
  impl_->orphan_bytes.Set(static_cast<double>(bytes));
}

void CoordinatorMetrics::SetAged(int64_t preview_bytes, int64_t log_bytes) {
  impl_->preview_bytes.Set(static_cast<double>(preview_bytes));
  impl_->log_bytes.Set(static_cast<double>(log_bytes));
}

void CoordinatorMetrics::SetScrubbedBytes(int64_t bytes) {
  impl_->scrubbed_bytes.Increment(static_cast<double>(bytes) -
                                  impl_->scrubbed_bytes.Value());
}

void CoordinatorMetrics::CountRefusedCall(absl::string_view bound) {
  impl_->refused_calls.Add({{"bound", std::string(bound)}}).Increment();
}

void CoordinatorMetrics::CountFailedAuthentication() {
  impl_->failed_authentications.Increment();
}

void CoordinatorMetrics::SetCertificateExpiry(absl::Time expires_at) {
  impl_->certificate_expiry.Add({}).Set(
      static_cast<double>(absl::ToUnixSeconds(expires_at)));
}

void CoordinatorMetrics::SetWorkerSamples(
    const std::string& worker,
    std::vector<std::pair<std::string, double>> samples) {
  impl_->workers.Set(worker, std::move(samples));
}

void CoordinatorMetrics::KeepWorkers(absl::Span<const std::string> live) {
  impl_->workers.Keep(live);
}

std::string CoordinatorMetrics::Text(const ControlPlaneSample& sample) const {
  std::vector<prometheus::MetricFamily> families = ControlPlaneFamilies(sample);
  for (const prometheus::Collectable* source :
       std::initializer_list<const prometheus::Collectable*>{&impl_->registry,
                                                             &impl_->workers}) {
    std::vector<prometheus::MetricFamily> more = source->Collect();
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace atelier
