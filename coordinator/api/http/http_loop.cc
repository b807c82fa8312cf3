#include "coordinator/api/http/http_loop.h"

#include <utility>

#include "boost/asio/post.hpp"

namespace atelier {

bool HttpLoop::Post(std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return false;
  boost::asio::post(context_, std::move(work));
  return true;
}

void HttpLoop::Close(std::function<void()> last) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return;
  closed_ = true;
  boost::asio::post(context_, std::move(last));
}

}  // namespace atelier
