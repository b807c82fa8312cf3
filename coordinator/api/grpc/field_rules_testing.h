// What the coordinator makes of hostile values, field by field. A field of a
// request that has no row here fails HostileFieldsTest: decide what it may
// hold, check that where it comes in, and say it in its row.
#ifndef ATELIER_COORDINATOR_API_GRPC_FIELD_RULES_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_FIELD_RULES_TESTING_H_

namespace atelier {

struct FieldRule {
  /// A path from a request ("SynchronizeRequest.running.losses.total"), or a
  /// field of a message wherever it stands ("Losses.total"). Paths come first.
  const char* field;
  /// The kinds of hostile values (hostile_values_testing.h) that may be taken:
  /// they are bounded by themselves, cut, or not kept. All others are refused.
  const char* taken;
};

inline constexpr FieldRule kFieldRules[] = {
    // Requests about jobs.
    {"SubmitJobRequest.request_id", ""},
    {"SubmitJobRequest.spec", ""},
    {"PreviewJobRequest.spec", ""},
    {"PreviewJobRequest.first_index", "most"},  // An empty page.
    {"PreviewJobRequest.page_size", ""},
    {"GetJobRequest.job_id", ""},
    {"ListJobsRequest.page_size", ""},
    {"ListJobsRequest.page_token", ""},
    {"ListTasksRequest.job_id", ""},
    {"ListTasksRequest.page_size", ""},
    {"ListTasksRequest.page_token", ""},
    {"ListTasksRequest.first_index", "most"},  // An empty page.
    {"ListAttemptsRequest.job_id", ""},
    {"ListAttemptsRequest.task_index", ""},
    {"WatchJobRequest.job_id", ""},
    {"CancelJobRequest.job_id", ""},
    {"PauseJobRequest.job_id", ""},
    {"ResumeJobRequest.job_id", ""},
    {"SetJobPriorityRequest.job_id", ""},
    {"SetJobPriorityRequest.priority", "-1"},
    {"RetryJobRequest.job_id", ""},
    {"DeleteJobRequest.job_id", ""},
    {"RepairJobRequest.job_id", ""},
    {"RepairJobRequest.task_indices", ""},

    // What a job is made of. Text in names may read from right to left: it is
    // escaped where it is shown.
    {"JobSpec.name", "bidi"},
    {"JobSpec.study", ""},
    {"JobSpec.base", ""},
    {"JobSpec.axes", ""},
    {"JobSpec.mode", ""},
    {"JobSpec.sample_count", ""},
    {"JobSpec.sample_seed", "most"},
    {"JobSpec.sheet_columns", ""},
    {"JobSpec.networks", ""},
    {"JobSpec.images", ""},
    {"JobSpec.user", ""},
    {"JobSpec.priority", "-1"},
    {"JobSpec.max_running", "most"},
    {"JobSpec.worker_tags", ""},
    {"JobSpec.worker_memory_bytes", "most"},
    {"JobSpec.no_cache", ""},
    {"JobSpec.profile", "bidi"},
    {"JobSpec.base_input_names", ""},
    {"JobSpec.exclude", ""},
    {"JobSpec.measure", ""},
    {"MeasureSpec.weights_digest", ""},
    {"MeasureSpec.size_px", ""},
    {"MeasureSpec.pooling", ""},
    {"MeasureSpec.preprocessing", ""},
    {"Exclusion.labels", ""},
    {"AxisLabel.axis", ""},
    {"AxisLabel.label", ""},
    {"Axis.name", ""},
    {"Axis.values", ""},
    {"AxisValue.label", "bidi"},
    {"AxisValue.set", ""},
    {"AxisValue.input_names", ""},
    {"InputName.field", ""},
    {"InputName.position", ""},
    {"InputName.name", "bidi"},
    {"RenderSpec.content_digest", ""},
    {"RenderSpec.style_digests", ""},
    {"RenderSpec.init_digest", ""},
    {"RenderSpec.weights_digest", ""},
    {"RenderSpec.convention", ""},
    {"RenderSpec.size_px", ""},
    {"RenderSpec.iterations", ""},
    {"RenderSpec.optimizer", ""},
    {"RenderSpec.learning_rate", ""},
    {"RenderSpec.lbfgs_history", ""},
    {"RenderSpec.content_weight", "huge"},
    {"RenderSpec.style_weight", "huge"},
    {"RenderSpec.tv_weight", "huge"},
    {"RenderSpec.content_layers", "absent"},  // The convention's.
    {"RenderSpec.style_layers", "absent"},
    {"RenderSpec.init", ""},
    {"RenderSpec.pooling", ""},
    {"RenderSpec.seed", "most"},
    {"RenderSpec.style_blend", ""},
    {"RenderSpec.style_mask_digests", ""},
    {"RenderSpec.style_region_digests", ""},
    {"RenderSpec.style_scale", ""},
    {"RenderSpec.colors", ""},
    {"RenderSpec.scales", ""},
    {"RenderSpec.preset", ""},
    {"RenderSpec.least_progress", ""},
    {"RenderSpec.bits", ""},
    {"RenderSpec.style_loss", ""},
    {"RenderSpec.resample_every", ""},
    {"LayerList.layers", ""},
    {"LayerWeight.tap", ""},
    {"LayerWeight.weight", "huge"},
    {"NetworkDescription.weights_digest", ""},
    {"NetworkDescription.architecture", "bidi"},
    {"NetworkDescription.blocks", ""},
    {"NetworkDescription.padding", ""},
    {"NetworkDescription.pooling", ""},
    {"NetworkDescription.preprocessing", "bidi"},
    {"NetworkDescription.name", "bidi"},
    {"Block.channels", ""},
    {"ImageDescription.digest", ""},
    {"ImageDescription.width_px", ""},
    {"ImageDescription.height_px", ""},
    {"ImageDescription.name", "bidi"},

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
    {"Measures.by", ""},
    {"Measures.version", ""},
    {"Measures.values", ""},
    {"ValuesEntry.key", ""},
    {"ValuesEntry.value", ""},
    {"Measures.curve", ""},
    {"LossCurve.iterations", ""},
    {"LossCurve.total", ""},
    {"LossCurve.terms", ""},
    {"TermCurve.term", ""},
    {"TermCurve.losses", ""},
    {"Measures.iteration_time", ""},
    {"Measures.peak_memory_bytes", ""},
    {"TaskResult.worker", "long control bidi"},  // Who calls is known.
    {"TaskResult.profile", "bidi"},
    {"TaskResult.engine_version", ""},
    {"TaskResult.width_px", ""},
    {"TaskResult.height_px", ""},
    {"MetricSample.name", "long control bidi"},  // Left out.
    {"MetricSample.value", "nan inf -inf -huge huge"},

    {"DrainWorkerRequest.name", ""},
    {"ReleaseWorkerRequest.name", ""},

    // Artifacts.
    {"FindMissingRequest.digests", ""},
    {"UploadRequest.digest", ""},
    {"UploadRequest.size_bytes", ""},
    {"UploadRequest.chunk", ""},
    {"UploadRequest.kind", ""},
    // An attempt that does not run is none that it could be for.
    {"UploadRequest.attempt", "absent"},
    {"UploadRequest.attempt.number", "most"},
    {"UploadRequest.attempt.epoch", "most"},
    {"DownloadRequest.job_id", "bidi"},
    {"DownloadRequest.task_index", "most"},
    {"DownloadRequest.attempt", "absent"},
    {"DownloadRequest.attempt.number", "most"},
    {"DownloadRequest.attempt.epoch", "most"},
    {"DownloadRequest.digest", ""},
    {"DownloadRequest.offset_bytes", ""},
    {"DownloadRequest.kind", ""},
    {"CollectGarbageRequest.keep", ""},
    {"CollectGarbageRequest.max_bytes", "most"},
    {"CollectGarbageRequest.dry_run", ""},

    // Tokens and quotas.
    {"CreateTokenRequest.role", ""},
    {"CreateTokenRequest.user", ""},
    {"CreateTokenRequest.worker_pattern", ""},
    {"CreateTokenRequest.expires_in", ""},
    {"CreateTokenRequest.max_slots", ""},
    {"RevokeTokenRequest.accessor", ""},
    {"ListAuditRequest.user", ""},
    {"ListAuditRequest.job_id", "bidi"},
    {"ListAuditRequest.since", ""},
    {"ListAuditRequest.page_size", ""},
    {"ListAuditRequest.page_token", ""},
    {"SetQuotaRequest.user", ""},
    {"SetQuotaRequest.max_queued_tasks", "-1"},  // The coordinator's flag.
    {"SetQuotaRequest.max_running_tasks", "-1"},
    {"SetQuotaRequest.max_artifact_bytes", "-1"},
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_FIELD_RULES_TESTING_H_
