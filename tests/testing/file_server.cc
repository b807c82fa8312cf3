#include "tests/testing/file_server.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "httplib.h"

namespace atelier {
namespace {

constexpr char kType[] = "application/octet-stream";
constexpr size_t kPieceBytes = 1 << 12;

std::unique_ptr<httplib::Server> MakeServer(const TlsIdentity& identity) {
  if (identity.key == nullptr) return std::make_unique<httplib::Server>();
  return std::make_unique<httplib::SSLServer>(identity.certificate.get(),
                                              identity.key.get());
}

}  // namespace

struct FileServer::Impl {
  std::string bytes;
  Behaviour behaviour;
  std::unique_ptr<httplib::Server> server;
  int port = 0;
  std::thread thread;
  std::mutex mutex;
  std::vector<std::string> ranges;
  bool is_ending = false;
  std::condition_variable ended;

  void Serve(const httplib::Request& from, httplib::Response& to);
  // Writes from `offset` on; false where the connection is to break.
  bool Write(size_t offset, size_t first, httplib::DataSink& sink);
};

bool FileServer::Impl::Write(size_t offset, size_t first,
                             httplib::DataSink& sink) {
  size_t most = std::min(kPieceBytes, bytes.size() - offset);
  if (behaviour.breaks_after_bytes > 0) {
    const size_t left = first + behaviour.breaks_after_bytes - offset;
    if (left == 0) return false;
    most = std::min(most, left);
  }
  if (behaviour.stalls_after_bytes > 0) {
    const size_t left = first + behaviour.stalls_after_bytes - offset;
    if (left == 0) {
      std::unique_lock<std::mutex> lock(mutex);
      ended.wait(lock, [this] { return is_ending; });
      return false;
    }
    most = std::min(most, left);
  }
  return sink.write(bytes.data() + offset, most);
}

void FileServer::Impl::Serve(const httplib::Request& from,
                             httplib::Response& to) {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    ranges.push_back(from.get_header_value("Range"));
  }
  if (!behaviour.etag.empty()) to.set_header("ETag", behaviour.etag);
  const std::string if_range = from.get_header_value("If-Range");
  const bool is_other = !if_range.empty() && if_range != behaviour.etag;
  if (behaviour.ignores_ranges || is_other) {
    to.status = 200;
    to.set_chunked_content_provider(
        kType, [this](size_t offset, httplib::DataSink& sink) {
          if (offset == bytes.size()) {
            sink.done();
            return true;
          }
          return Write(offset, 0, sink);
        });
    return;
  }
  const auto first = from.ranges.empty()
                         ? size_t{0}
                         : static_cast<size_t>(from.ranges[0].first);
  if (first >= bytes.size() && first > 0) {
    to.status = 416;
    return;
  }
  to.set_content_provider(
      bytes.size(), kType,
      [this, first](size_t offset, size_t, httplib::DataSink& sink) {
        return Write(offset, first, sink);
      });
}

FileServer::FileServer(std::string bytes, Behaviour behaviour)
    : impl_(std::make_unique<Impl>()) {
  impl_->bytes = std::move(bytes);
  impl_->behaviour = std::move(behaviour);
  impl_->server = MakeServer(impl_->behaviour.identity);
  httplib::Server& server = *impl_->server;
  server.set_keep_alive_max_count(1);
  server.Get("/file",
             [this](const httplib::Request& from, httplib::Response& to) {
               impl_->Serve(from, to);
             });
  server.Get("/moved", [](const httplib::Request&, httplib::Response& to) {
    to.set_redirect("/file");
  });
  server.Get("/elsewhere",
             [this](const httplib::Request&, httplib::Response& to) {
               to.set_redirect(Url());
             });
  server.Get(
      "/insecure", [this](const httplib::Request&, httplib::Response& to) {
        to.set_redirect(
            absl::StrCat("http://", kAddress, ":", impl_->port, "/file"));
      });
  server.Get("/loop", [](const httplib::Request&, httplib::Response& to) {
    to.set_redirect("/loop");
  });
  impl_->port = server.bind_to_any_port(kAddress);
  if (!server.is_valid() || impl_->port <= 0) {
    std::fprintf(stderr, "cannot serve files at %s\n", kAddress);
    std::abort();
  }
  impl_->thread =
      std::thread([raw = impl_.get()] { raw->server->listen_after_bind(); });
  // stop() before the thread has begun to listen would be lost.
  while (!server.is_running()) std::this_thread::yield();
}

FileServer::~FileServer() {
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->is_ending = true;
  }
  impl_->ended.notify_all();
  impl_->server->stop();
  impl_->thread.join();
}

std::string FileServer::Url(const std::string& path) const {
  const char* const scheme =
      impl_->behaviour.identity.key == nullptr ? "http" : "https";
  return absl::StrCat(scheme, "://", kAddress, ":", impl_->port, path);
}

std::vector<std::string> FileServer::ranges() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->ranges;
}

}  // namespace atelier
