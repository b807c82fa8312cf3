// Reads one request after the other from a connection: its header, and its body
// in pieces, as somebody wants them.
#ifndef ATELIER_COORDINATOR_API_HTTP_REQUEST_READER_H_
#define ATELIER_COORDINATOR_API_HTTP_REQUEST_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/fields.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"

namespace atelier {

/// Has no deadlines. One read at a time; handlers keep it, and are called on
/// the stream's loop. Lifetime: the stream outlives it.
template <typename Stream>
class RequestReader {
 public:
  explicit RequestReader(Stream& stream) : stream_(stream) {}

  /// What has come of requests that are not being read.
  boost::beast::flat_buffer& buffer() { return buffer_; }

  /// Calls `handler` with an error, or once header() is whole.
  template <typename Handler>
  void ReadHeader(uint32_t max_header_bytes, Handler handler) {
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(~uint64_t{0});  // Until its route is known.
    boost::beast::http::async_read_header(stream_, buffer_, *parser_,
                                          std::move(handler));
  }
  const boost::beast::http::request_header<>& header() const {
    return parser_->get();
  }
  std::optional<uint64_t> content_length() const {
    const auto length = parser_->content_length();
    if (!length) return std::nullopt;
    return *length;
  }
  bool keep_alive() const { return parser_->keep_alive(); }
  /// Its caller sends no body before it is told to.
  void AwaitContinue(bool awaits) { awaits_continue_ = awaits; }
  /// Whether there is no more of the body; also before the first request.
  bool is_done() const { return !parser_.has_value() || parser_->is_done(); }
  /// A longer body ends in http::error::body_limit.
  void LimitBody(uint64_t bytes) { parser_->body_limit(bytes); }

  /// Reads the next of the body: so many bytes, fewer only at its end. A caller
  /// that waits to be told so is told to send it. `waits` is called before each
  /// wait for the caller, and says whether to go on; if not, nothing follows.
  /// Then `handler` is called with an error, or with none. REQUIRES: a header.
  template <typename Waits, typename Handler>
  void ReadPiece(size_t most_bytes, Waits waits, Handler handler) {
    piece_.clear();
    most_bytes_ = most_bytes;
    const bool has_begun = buffer_.size() > 0;
    if (std::exchange(awaits_continue_, false) && !is_done() && !has_begun) {
      return Continue(std::move(waits), std::move(handler));
    }
    ReadOn({}, std::move(waits), std::move(handler));
  }
  size_t piece_bytes() const { return piece_.size(); }
  std::string TakePiece() { return std::exchange(piece_, {}); }

  /// Drops the request.
  void End() { parser_.reset(); }

 private:
  using ErrorCode = boost::system::error_code;

  static constexpr size_t kReadBytes = size_t{16} << 10;
  static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

  template <typename Waits, typename Handler>
  void Continue(Waits waits, Handler handler) {
    if (!waits()) return;
    boost::asio::async_write(
        stream_, boost::asio::buffer(kContinue, sizeof(kContinue) - 1),
        [this, waits, handler](ErrorCode error, size_t /*size*/) {
          ReadOn(error, waits, handler);
        });
  }

  template <typename Waits, typename Handler>
  void ReadOn(ErrorCode error, Waits waits, Handler handler) {
    if (error || is_done() || piece_.size() >= most_bytes_) {
      return handler(error);
    }
    if (!waits()) return;
    // Grows with what comes: who sends nothing takes nothing.
    const size_t from = piece_.size();
    piece_.resize(std::min(most_bytes_, from + kReadBytes));
    auto& body = parser_->get().body();
    body.data = &piece_[from];
    body.size = piece_.size() - from;
    boost::beast::http::async_read_some(
        stream_, buffer_, *parser_,
        [this, waits, handler](ErrorCode result, size_t /*size*/) {
          piece_.resize(piece_.size() - parser_->get().body().size);
          const bool is_full = result == boost::beast::http::error::need_buffer;
          ReadOn(is_full ? ErrorCode() : result, waits, handler);
        });
  }

  Stream& stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<
      boost::beast::http::request_parser<boost::beast::http::buffer_body>>
      parser_;
  bool awaits_continue_ = false;
  std::string piece_;
  size_t most_bytes_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_REQUEST_READER_H_
