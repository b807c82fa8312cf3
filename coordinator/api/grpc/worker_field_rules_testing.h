// What the coordinator makes of hostile values in what workers say; see
// field_rules_testing.h.
#ifndef ATELIER_COORDINATOR_API_GRPC_WORKER_FIELD_RULES_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_WORKER_FIELD_RULES_TESTING_H_

namespace atelier {

struct FieldRule {
  /// A path from a request ("SynchronizeRequest.running.losses.total"), or a
  /// field of a message wherever it stands ("Losses.total"). Paths come first.
  const char* field;
  /// The kinds of hostile values (hostile_values_testing.h) that may be taken:
  /// they are bounded by themselves, cut, or not kept. All others are refused.
  const char* taken;
};

inline constexpr FieldRule kWorkerFieldRules[] = {
    // Workers. Who they are is refused as a whole.
    {"SynchronizeRequest.worker", ""},
    {"SynchronizeRequest.running", ""},
    {"SynchronizeRequest.finished", "many"},  // Those that are too many wait.
    {"SynchronizeRequest.draining", ""},
    {"SynchronizeRequest.metrics", ""},
    {"WorkerDescription.name", ""},
    {"WorkerDescription.instance_id", ""},
    {"WorkerDescription.device", "bidi"},
    {"WorkerDescription.device_model", "bidi"},
    {"WorkerDescription.memory_bytes", ""},
    {"WorkerDescription.threads", ""},
    {"WorkerDescription.profile", "bidi"},
    {"WorkerDescription.slots", ""},
    {"WorkerDescription.tags", ""},
    // Hints: one that is no digest is left out.
    {"WorkerDescription.held_inputs", "long control bidi"},
    {"WorkerDescription.batches", ""},
    {"WorkerDescription.engine_version", ""},

    // Progress is for people, and of one attempt: what is wrong with it is left
    // out. A loss that is no number is that of a render which diverges.
    {"SynchronizeRequest.running.token", "absent"},
    {"SynchronizeRequest.running.token.render_key", "long control bidi"},
    {"SynchronizeRequest.running.token.number", "most least -1"},
    {"SynchronizeRequest.running.token.secret", "long control bidi"},
    {"SynchronizeRequest.running.token.epoch", "most least -1"},
    {"AttemptProgress.iteration", "most least -1"},
    {"AttemptProgress.losses", "absent"},
    {"SynchronizeRequest.running.losses.terms", "many"},
    {"SynchronizeRequest.running.losses.terms.key", "long control bidi"},
    {"SynchronizeRequest.running.losses.terms.value",
     "nan inf -inf -huge huge"},
    {"SynchronizeRequest.running.losses.total", "nan inf -inf -huge huge"},
    {"AttemptProgress.checkpoint", "absent"},
    // A checkpoint can be done without.
    {"Checkpoint.digest", "long control bidi"},
    {"Checkpoint.iteration", "most least -1"},
    {"Checkpoint.profile", "long control bidi"},
    {"Checkpoint.engine_version", "most least -1"},
    // Nor do previews and logs hold up anything.
    {"AttemptProgress.previews", "many"},
    {"TaskResult.previews", "many"},
    {"PicturePreview.iteration", "most least -1"},
    {"PicturePreview.digest", "long control bidi"},
    {"AttemptProgress.log_digest", "long control bidi"},
    {"AttemptReport.log_digest", "long control bidi"},

    // A bad report ends its attempt, not the call. "Taken" is a success here.
    {"AttemptReport.token", ""},
    {"AttemptToken.render_key", ""},
    {"AttemptToken.number", ""},
    {"AttemptToken.epoch", ""},
    {"AttemptToken.secret", ""},
    {"AttemptReport.outcome", ""},
    {"AttemptReport.message", "long control bidi"},  // Cut and escaped.
    {"AttemptReport.result", ""},
    {"AttemptReport.checkpoint", "absent"},
    {"TaskResult.image_digest", ""},
    {"TaskResult.losses", "absent"},
    {"Losses.terms", "many"},  // Of one name.
    {"TermsEntry.key", ""},
    {"TermsEntry.value", "-huge huge"},
    // Not read beside `terms`.
    {"Losses.content", "nan inf -inf -huge huge"},
    {"Losses.style", "nan inf -inf -huge huge"},
    {"Losses.total_variation", "nan inf -inf -huge huge"},
    {"Losses.total", "-huge huge"},
    {"TaskResult.iterations", "most"},
    // Set into its bounds: the clock of a worker may have been set.
    {"TaskResult.elapsed", "most least -1 nanos mixed"},
    {"TaskResult.timings", "absent"},
    {"AttemptTimings.inputs", "absent most least -1 nanos mixed"},
    {"AttemptTimings.waiting", "absent most least -1 nanos mixed"},
    {"AttemptTimings.planning", "absent most least -1 nanos mixed"},
    {"AttemptTimings.targets", "absent most least -1 nanos mixed"},
    {"AttemptTimings.iterations", "absent most least -1 nanos mixed"},
    {"AttemptTimings.encoding", "absent most least -1 nanos mixed"},
    {"AttemptTimings.upload", "absent most least -1 nanos mixed"},
    // Measures can be done without: malformed, they are left out.
    {"TaskResult.measures", "absent"},
    {"SynchronizeRequest.finished.result.measures.by", "absent"},
    {"SynchronizeRequest.finished.result.measures.by.weights_digest",
     "long control bidi"},
    {"SynchronizeRequest.finished.result.measures.by.size_px", "most least -1"},
    {"SynchronizeRequest.finished.result.measures.by.pooling",
     "unknown negative"},
    {"SynchronizeRequest.finished.result.measures.by.preprocessing",
     "long control bidi"},
    {"SynchronizeRequest.finished.result.measures.version", "most least -1"},
    {"SynchronizeRequest.finished.result.measures.values", "many"},
    {"SynchronizeRequest.finished.result.measures.values.key",
     "long control bidi"},
    {"SynchronizeRequest.finished.result.measures.values.value",
     "nan inf -inf -huge huge"},
    {"SynchronizeRequest.finished.result.measures.curve", "absent"},
    {"SynchronizeRequest.finished.result.measures.curve.iterations",
     "many most least -1"},
    {"SynchronizeRequest.finished.result.measures.curve.total",
     "many nan inf -inf -huge huge"},
    {"SynchronizeRequest.finished.result.measures.curve.terms", "many"},
    {"SynchronizeRequest.finished.result.measures.curve.terms.term",
     "long control bidi"},
    {"SynchronizeRequest.finished.result.measures.curve.terms.losses",
     "many nan inf -inf -huge huge"},
    {"SynchronizeRequest.finished.result.measures.iteration_time",
     "absent most least -1 nanos mixed"},
    {"SynchronizeRequest.finished.result.measures.peak_memory_bytes",
     "most least -1"},
    {"TaskResult.worker", "long control bidi"},  // Who calls is known.
    {"TaskResult.profile", "bidi"},
    {"TaskResult.engine_version", ""},
    {"TaskResult.width_px", ""},
    {"TaskResult.height_px", ""},
    {"MetricSample.name", "long control bidi"},  // Left out.
    {"MetricSample.value", "nan inf -inf -huge huge"},

    {"DrainWorkerRequest.name", ""},
    {"ReleaseWorkerRequest.name", ""},
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_WORKER_FIELD_RULES_TESTING_H_
