#include "coordinator/api/grpc/ratings_service.h"

#include "atelier/v1/ratings.grpc.pb.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/views/rating_views.h"
#include "coordinator/control/control_plane.h"

namespace atelier {
namespace {

class RatingsService : public v1::Ratings::CallbackService {
 public:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  RatingsService(ControlPlane& control, const CallSupport& support)
      : control_(control), support_(support) {}

  Reactor* StarTask(Context* context, const v1::StarTaskRequest* request,
                    v1::TaskRating* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::StarTask(control_, caller, *request, *response);
        });
  }

  Reactor* JudgeTasks(Context* context, const v1::JudgeTasksRequest* request,
                      v1::JudgeTasksResponse* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::JudgeTasks(control_, caller, *request, *response);
        });
  }

  Reactor* ListRatings(Context* context, const v1::ListRatingsRequest* request,
                       v1::ListRatingsResponse* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::ListRatings(control_, caller, *request, *response);
        });
  }

 private:
  ControlPlane& control_;
  const CallSupport& support_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRatingsService(ControlPlane& control,
                                                  const CallSupport& support) {
  return std::make_unique<RatingsService>(control, support);
}

}  // namespace atelier
