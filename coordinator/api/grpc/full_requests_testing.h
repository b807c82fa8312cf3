// Requests in which every field is given, for tests that spoil one at a time.
#ifndef ATELIER_COORDINATOR_API_GRPC_FULL_REQUESTS_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_FULL_REQUESTS_TESTING_H_

#include <string>

#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/workers.pb.h"
#include "common/digest.h"
#include "common/rpc/timings_conversion.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "monitoring/worker_metric_names.h"

namespace atelier {

/// Stands in FullSync for the token that a lease gives.
inline const std::string kRenderKeyToSet = std::string(64, '0');

inline void FillRender(v1::RenderSpec& render) {
  render.set_init_digest(HexDigest("init"));
  render.set_init(v1::INITIALISATION_NOISE);
  render.set_convention(v1::CONVENTION_GATYS);
  render.set_optimizer(v1::OPTIMIZER_LBFGS);
  render.set_pooling(v1::POOLING_MAX);
  render.set_colors(v1::COLORS_STYLE);
  render.set_style_loss(v1::STYLE_LOSS_GRAM);
  render.add_style_blend(1);
  render.add_style_mask_digests(HexDigest("mask"));
  render.add_style_region_digests(HexDigest("region"));
}

/// A job in which every field is given.
inline v1::JobSpec FullJob() {
  v1::JobSpec spec = SmallJob();
  spec.set_study("study");
  FillRender(*spec.mutable_base());
  v1::Axis& axis = *spec.add_axes();
  axis.set_name("axis");
  v1::AxisValue& value = *axis.add_values();
  value.set_label("label");
  *value.mutable_set() = spec.base();
  v1::AxisValue& other = *axis.add_values();
  other.set_label("left out");
  v1::AxisLabel& left_out = *spec.add_exclude()->add_labels();
  left_out.set_axis("axis");
  left_out.set_label("left out");
  spec.set_mode(v1::SWEEP_MODE_RANDOM);
  spec.set_sample_count(1);
  spec.set_user("ann");
  spec.add_worker_tags("gpu");
  spec.set_profile("p");
  for (auto* names :
       {spec.mutable_base_input_names(), value.mutable_input_names()}) {
    v1::InputName& name = *names->Add();
    name.set_field("style_digests");
    name.set_name("style.png");
  }
  v1::MeasureSpec& measure = *spec.mutable_measure();
  measure.set_weights_digest(HexDigest("weights"));
  measure.set_size_px(64);
  measure.set_pooling(v1::POOLING_MAX);
  measure.set_preprocessing("imagenet-unit-rgb");
  for (const char* name : {"mask", "region", "init"}) {
    v1::ImageDescription* image = spec.add_images();
    image->set_digest(HexDigest(name));
    image->set_width_px(64);
    image->set_height_px(48);
  }
  return spec;
}

/// The worker's call with every field given, a success among them.
inline v1::SynchronizeRequest FullSync(v1::SynchronizeRequest request) {
  request.set_draining(true);
  v1::WorkerDescription& worker = *request.mutable_worker();
  worker.add_tags("gpu");
  worker.add_held_inputs(HexDigest("content"));
  v1::AttemptProgress& running = *request.add_running();
  (*running.mutable_losses()->mutable_terms())["style"] = 1;
  running.mutable_losses()->set_total(1);
  v1::AttemptReport& finished = *request.add_finished();
  finished.set_outcome(v1::OUTCOME_SUCCEEDED);
  v1::TaskResult& result = *finished.mutable_result();
  result.set_image_digest(HexDigest("content"));
  (*result.mutable_losses()->mutable_terms())["style"] = 1;
  result.mutable_losses()->set_total(1);
  result.mutable_elapsed()->set_seconds(3);
  AttemptTimings timings;
  for (const TimedPhase& phase : kTimedPhases) {
    timings.*phase.time = absl::Seconds(1);
  }
  *result.mutable_timings() = ToProto(timings);
  v1::Measures& measures = *result.mutable_measures();
  measures.mutable_by()->set_weights_digest(HexDigest("weights"));
  measures.mutable_by()->set_preprocessing("imagenet-unit-rgb");
  measures.set_version(1);
  (*measures.mutable_values())["psnr"] = 20;
  measures.mutable_curve()->add_iterations(1);
  measures.mutable_curve()->add_total(1);
  v1::LossCurve::TermCurve& curve = *measures.mutable_curve()->add_terms();
  curve.set_term("style");
  curve.add_losses(1);
  measures.mutable_iteration_time()->set_seconds(1);
  for (v1::PicturePreview* preview :
       {running.add_previews(), result.add_previews()}) {
    preview->set_iteration(1);
    preview->set_digest(HexDigest("preview"));
  }
  running.set_log_digest(HexDigest("log"));
  finished.set_log_digest(HexDigest("log"));
  result.set_iterations(3);
  result.set_width_px(32);
  result.set_height_px(24);
  for (v1::Checkpoint* checkpoint :
       {running.mutable_checkpoint(), finished.mutable_checkpoint()}) {
    checkpoint->set_digest(HexDigest("state"));
    checkpoint->set_iteration(1);
  }
  for (v1::AttemptToken* token :
       {running.mutable_token(), finished.mutable_token()}) {
    token->set_render_key(kRenderKeyToSet);
    token->set_number(1);
    token->set_epoch(1);
  }
  v1::MetricSample& sample = *request.add_metrics();
  sample.set_name(kWorkerIterations);
  sample.set_value(7);
  return request;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_FULL_REQUESTS_TESTING_H_
