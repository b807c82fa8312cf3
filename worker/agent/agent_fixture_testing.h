// An agent between a fake coordinator, a fake artifact store and a fake
// renderer.
#ifndef ATELIER_WORKER_AGENT_AGENT_FIXTURE_TESTING_H_
#define ATELIER_WORKER_AGENT_AGENT_FIXTURE_TESTING_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "common/digest.h"
#include "common/image/image.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/weight_file.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"
#include "worker/agent/agent.h"
#include "worker/agent/checkpoint_carrier.h"
#include "worker/agent/extras_carrier.h"
#include "worker/agent/fake_coordinator.h"
#include "worker/agent/fake_renderer.h"
#include "worker/agent/input_cache.h"
#include "worker/agent/input_loader.h"
#include "worker/agent/render_batcher.h"
#include "worker/agent/thumbnails.h"

namespace atelier {

inline std::string Png(int width_px, int height_px) {
  Image image;
  image.width_px = width_px;
  image.height_px = height_px;
  image.rgb.assign(static_cast<size_t>(width_px) * height_px * 3, 0.5F);
  return *Encode(image, "png");
}

class AgentTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("agent_test").ok());
  }

  AgentTest() : server_({&coordinator_, &store_}) {
    render_.params.size_px = 32;
    render_.params.content_weight = 1;
    render_.params.content_layers = {{"conv_1", 1.0}};
    render_.inputs.content = store_.Add(Png(64, 48));
    render_.inputs.weights = LoadWeights(std::string(kBuiltinNetwork))->digest;
    options_.self = Self();
    options_.self.set_instance_id("0123456789abcdef");
    options_.pace.first_wait = options_.pace.most_wait = absl::Milliseconds(1);
  }
  ~AgentTest() override { End(); }

  /// However a test leaves it, the slots' threads have to come to their end.
  void End() {
    renderer_.EndWith(RenderEnd::kCompleted);
    if (thread_.joinable()) (void)Stop();
  }

  void Start() {
    agent_ = std::make_unique<Agent>(
        options_, server_.Channel(), runners_,
        AgentParts{outbox_, metrics_, Clock::Real(), note_.get()});
    thread_ = std::thread([this] { ended_ = agent_->Run(); });
  }
  /// Stops the agent, and waits for its end.
  absl::Status Stop() {
    agent_->Stop();
    return Join();
  }
  absl::Status Join() {
    thread_.join();
    agent_.reset();
    return ended_;
  }

  v1::Assignment Work(int number = 1) const {
    v1::Assignment work;
    work.mutable_token()->set_render_key(HexDigest("key"));
    work.mutable_token()->set_number(number);
    work.mutable_token()->set_epoch(1);
    work.set_job_id("job");
    *work.mutable_render() = ToProto(render_);
    return work;
  }

  static bool IsRunning(const v1::SynchronizeRequest& request) {
    return request.running_size() > 0 && request.running(0).iteration() > 0;
  }
  static bool IsFree(const v1::SynchronizeRequest& request) {
    return request.running().empty() && request.finished().empty();
  }

  static v1::WorkerDescription Self() {
    v1::WorkerDescription self;
    self.set_name("w1");
    self.set_profile("profile");
    self.set_engine_version(8);
    return self;
  }
  RunnerParts PartsOf(int row, CheckpointCarrier& checkpoints,
                      ExtrasCarrier& extras) {
    return {batcher_.row(row),
            artifacts_,
            inputs_,
            metrics_,
            Clock::Real(),
            checkpoints,
            {extras, thumbnails_},
            absl::ZeroDuration()};
  }

  FakeCoordinator coordinator_;
  FakeArtifacts store_;
  InProcessServer server_;
  FakeRenderer renderer_;
  TempFolder folder_;
  WorkerMetrics metrics_{1};
  ArtifactClient artifacts_{server_.Channel()};
  CheckpointCarrier checkpoints_{server_.Channel(), Self(), folder_.path()};
  MadeThumbnails thumbnails_;
  ExtrasCarrier extras_{server_.Channel()};
  std::unique_ptr<InputCache> cache_ =
      *InputCache::Open(folder_.path() + "/inputs", 1 << 20);
  PictureCache pictures_{1 << 20};
  Outbox outbox_ = *Outbox::Open(folder_.path() + "/outbox");
  std::unique_ptr<AttemptNote> note_;
  AgentOptions options_;
  Render render_;
  InputLoader inputs_{artifacts_, *cache_, pictures_};
  RenderBatcher batcher_{renderer_, /*rows=*/2};
  AttemptRunner runner_{PartsOf(0, checkpoints_, extras_), Self()};
  std::vector<AttemptRunner*> runners_{&runner_};
  std::unique_ptr<Agent> agent_;
  std::thread thread_;
  absl::Status ended_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_AGENT_FIXTURE_TESTING_H_
