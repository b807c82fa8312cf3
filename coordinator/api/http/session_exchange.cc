#include "coordinator/api/http/session_exchange.h"

#include <atomic>
#include <utility>

namespace atelier {
namespace {

class SessionExchange : public HttpExchange {
 public:
  SessionExchange(std::shared_ptr<HttpLoop> loop,
                  std::weak_ptr<ExchangeTarget> target, int64_t id,
                  HttpRequest request)
      : loop_(std::move(loop)),
        target_(std::move(target)),
        id_(id),
        request_(std::move(request)) {}

  ~SessionExchange() override {
    if (answered_) return;
    SessionExchange::Answer(ErrorReply(
        request_.path, absl::InternalError("the request was not answered")));
  }

  HttpRequest& request() override { return request_; }
  bool IsOpen() const override { return !target_.expired(); }

  void ReadBody(size_t most_bytes, BodyDone done) override {
    const bool is_open =
        Post([id = id_, most_bytes, done](ExchangeTarget& target) {
          target.OnReadBody(id, most_bytes, done);
        });
    if (!is_open) done(absl::CancelledError("body: its caller is gone"));
  }

  void Answer(HttpReply reply) override {
    answered_ = true;
    if (reply.code == 403 && request_.on_denied != nullptr) {
      (*request_.on_denied)(request_.caller, request_.path);
    }
    Post([id = id_, reply = std::move(reply)](ExchangeTarget& target) mutable {
      target.OnAnswer(id, std::move(reply));
    });
  }
  void BeginStream(HttpReply head, HttpStreamEvents events) override {
    answered_ = true;
    const std::function<void()> closed = events.closed;
    const bool is_open =
        Post([id = id_, head = std::move(head),
              events = std::move(events)](ExchangeTarget& target) mutable {
          target.OnStream(id, std::move(head), std::move(events));
        });
    if (!is_open && closed) closed();
  }
  void Write(std::shared_ptr<const std::string> piece) override {
    Post([id = id_, piece = std::move(piece)](ExchangeTarget& target) mutable {
      target.OnPiece(id, std::move(piece));
    });
  }
  void EndStream() override {
    Post([id = id_](ExchangeTarget& target) { target.OnStreamEnd(id); });
  }
  void AbortStream() override {
    Post([id = id_](ExchangeTarget& target) { target.OnStreamAbort(id); });
  }

 private:
  // Returns false where there is nobody to hear it.
  template <typename Work>
  bool Post(Work work) {
    std::shared_ptr<ExchangeTarget> target = target_.lock();
    if (target == nullptr) return false;
    return loop_->Post([target = std::move(target),
                        work = std::move(work)]() mutable { work(*target); });
  }

  const std::shared_ptr<HttpLoop> loop_;
  const std::weak_ptr<ExchangeTarget> target_;
  const int64_t id_;
  HttpRequest request_;
  std::atomic<bool> answered_{false};
};

}  // namespace

std::shared_ptr<HttpExchange> MakeExchange(std::shared_ptr<HttpLoop> loop,
                                           std::weak_ptr<ExchangeTarget> target,
                                           int64_t id, HttpRequest request) {
  return std::make_shared<SessionExchange>(std::move(loop), std::move(target),
                                           id, std::move(request));
}

}  // namespace atelier
