#include "coordinator/api/http/http_session.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/core/stream_traits.hpp"
#include "boost/beast/http.hpp"
#include "boost/beast/ssl/ssl_stream.hpp"
#include "coordinator/api/http/http_wire.h"
#include "coordinator/api/http/request_reader.h"
#include "coordinator/api/http/session_exchange.h"

namespace atelier {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr size_t kReadBytes = 4096;

// HTTP/1 over a stream that may be TLS's: what is of the socket goes to the
// lowest layer. All of it runs on the loop's thread; one timer has the deadline
// of whatever is being done.
template <typename Stream>
class Session : public HttpConnection,
                public ExchangeTarget,
                public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, const HttpSessionHost& host)
      : loop_(host.loop),
        connections_(host.connections),
        options_(host.options),
        handler_(host.handler),
        max_body_bytes_of_(host.max_body_bytes),
        stream_(std::move(stream)),
        reader_(stream_),
        timer_(loop_->context()),
        client_(ClientOf(Socket())) {}

  void Start() override { Open(); }

  void Refuse() override {
    is_refused_ = true;
    Open();
  }

  void Close() override {
    if (state_ == State::kClosed) return;
    const auto self = this->shared_from_this();
    state_ = State::kClosed;
    timer_.cancel();
    ErrorCode ignored;
    Socket().close(ignored);
    request_ = {};
    ReleaseAnswer();
    connections_.Remove(this);
    EndPull(GoneCaller());
    if (const auto closed = std::exchange(events_, {}).closed) closed();
  }

  void OnAnswer(int64_t id, HttpReply reply) override {
    if (Awaits(id)) Send(std::move(reply));
  }

  void OnReadBody(int64_t id, size_t most_bytes, BodyDone done) override {
    if (!Awaits(id)) return done(GoneCaller());
    read_begins_ = std::chrono::steady_clock::now();
    connections_.SetWait(this, HttpWait::kRequest);
    Pull(most_bytes, std::move(done));
  }

  void OnStream(int64_t id, HttpReply head, HttpStreamEvents events) override {
    if (!Awaits(id) || request_is_head_) {
      head.body.clear();
      if (Awaits(id)) Send(std::move(head), /*tells_length=*/false);
      if (events.closed) events.closed();
      return;
    }
    state_ = State::kStreaming;
    connections_.SetWait(this, HttpWait::kNews);
    // What has an end of its own leaves the connection to the next request,
    // unless that has come too early.
    keep_alive_ = keep_alive_ && version_ == 11 && events.heartbeat.empty() &&
                  reader_.is_done() && reader_.buffer().size() == 0;
    events_ = std::move(events);
    response_ = MakeResponse(std::move(head), version_, keep_alive_);
    response_.chunked(version_ == 11);
    is_writing_ = true;
    serializer_.emplace(response_);
    http::async_write_header(stream_, *serializer_,
                             Then(&Session::OnPieceSent));
    keep_alive_ ? ReadAhead() : Drain();  // Hears of its end.
  }

  void OnPiece(int64_t id, std::shared_ptr<const std::string> piece) override {
    if (state_ != State::kStreaming || id != exchange_id_) return;
    next_piece_ = std::move(piece);
    WriteNext();
  }

  void OnStreamAbort(int64_t id) override {
    if (state_ == State::kStreaming && id == exchange_id_) Close();
  }

  void OnStreamEnd(int64_t id) override {
    if (state_ != State::kStreaming || id != exchange_id_) return;
    events_ = {};
    ends_ = true;
    WriteNext();
  }

 private:
  enum class State {
    kReading,    // A request.
    kIdle,       // Waits for the next.
    kHandling,   // Waits for its answer.
    kWriting,    // The answer.
    kStreaming,  // An answer in pieces.
    kLingering,  // Until the caller closes its side.
    kClosed,
  };

  static constexpr bool kIsTls = !std::is_same_v<Stream, Tcp::socket>;

  Tcp::socket& Socket() { return beast::get_lowest_layer(stream_); }
  // And nothing of its body.
  bool Awaits(int64_t id) const {
    return state_ == State::kHandling && id == exchange_id_ && pull_ == nullptr;
  }

  // A handler that keeps the session, and does nothing once that is closed.
  auto Then(void (Session::*next)(ErrorCode)) {
    return [self = this->shared_from_this(), next](ErrorCode error,
                                                   auto... /*size*/) {
      if (self->state_ != State::kClosed) (*self.*next)(error);
    };
  }

  void SetDeadline(absl::Duration wait) {
    timer_.expires_after(absl::ToChronoNanoseconds(wait));
    timer_.async_wait([self = this->shared_from_this()](ErrorCode error) {
      const bool is_due =
          !error && self->timer_.expiry() <= std::chrono::steady_clock::now();
      if (is_due && self->state_ != State::kClosed) self->OnDeadline();
    });
  }

  void OnDeadline() {
    if (state_ == State::kHandling && pull_ == nullptr) {
      Reject(504, NoAnswerWithin(options_.request_timeout));
    } else if (state_ == State::kStreaming && !is_writing_ &&
               events_.heartbeat.empty()) {
      // It waits for its writer.
      SetDeadline(options_.heartbeat);
    } else if (state_ == State::kStreaming && !is_writing_) {
      is_heartbeat_ = true;
      Write(std::make_shared<std::string>(events_.heartbeat));
    } else {
      Close();
    }
  }

  void Open() {
    if constexpr (kIsTls) {
      connections_.SetWait(this, HttpWait::kRequest);
      SetDeadline(options_.read_timeout);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              Then(&Session::OnHandshake));
    } else {
      OnOpen();
    }
  }

  void OnHandshake(ErrorCode error) {
    if (!error) return OnOpen();
    if (!IsPlainHttp(error)) return Close();
    state_ = State::kLingering;
    SetDeadline(options_.linger_timeout);
    response_ = MakeResponse(HttpsReply(), version_, /*keep_alive=*/false);
    response_.prepare_payload();
    serializer_.emplace(response_);
    http::async_write(Socket(), *serializer_, Then(&Session::OnShutdown));
  }

  void OnOpen() {
    if (!is_refused_) return ReadHeader();
    Reject(503, TooManyConnections(options_.max_connections));
  }

  void Next() {
    if (reader_.buffer().size() > 0) return ReadHeader();
    state_ = State::kIdle;
    connections_.SetWait(this, HttpWait::kIdle);
    SetDeadline(options_.idle_timeout);
    if (!is_reading_ahead_) ReadAhead();
  }

  // What comes is of the next request, which is read once nothing else is done.
  void ReadAhead() {
    is_reading_ahead_ = true;
    stream_.async_read_some(
        reader_.buffer().prepare(kReadBytes),
        [self = this->shared_from_this()](ErrorCode error, size_t size) {
          if (self->state_ == State::kClosed) return;
          self->is_reading_ahead_ = false;
          if (error) return self->Close();
          self->reader_.buffer().commit(size);
          if (self->state_ == State::kIdle) self->ReadHeader();
        });
  }

  void ReadHeader() {
    state_ = State::kReading;
    connections_.SetWait(this, HttpWait::kRequest);
    path_.clear();  // An error is none of the request before.
    version_ = 11;
    request_is_head_ = false;
    read_begins_ = std::chrono::steady_clock::now();
    SetDeadline(options_.read_timeout);
    request_ = {};
    reader_.ReadHeader(options_.max_header_bytes, Then(&Session::OnHeader));
  }

  void OnHeader(ErrorCode error) {
    if (error) return OnReadError(error);
    const http::request_header<>& header = reader_.header();
    version_ = header.version();
    keep_alive_ = reader_.keep_alive();
    request_is_head_ = header.method() == http::verb::head;
    path_ = std::string(header.target());
    const std::optional<HttpMethod> method = MethodOf(header.method());
    if (!method.has_value()) return Send(NoSuchMethod(path_));
    request_.method = *method;
    const HeaderProblem problem = ReadFields(header, request_);
    if (problem.code != 0) return Reject(problem.code, problem.why);
    request_.client = client_;
    request_.is_tls = kIsTls;
    request_.is_for_another_host =
        !kIsTls && options_.own_names.has_value() &&
        IsForAnotherHost(request_, Socket(), *options_.own_names);
    request_.content_length = reader_.content_length();
    reader_.AwaitContinue(request_.awaits_continue);
    AdmitBody();
  }

  // What anybody may send is read at once; more, once a handler wants it.
  void AdmitBody() {
    if (reader_.is_done()) return Dispatch();
    max_body_bytes_ = max_body_bytes_of_(request_);
    const uint64_t length = request_.content_length.value_or(max_body_bytes_);
    if (length > max_body_bytes_) return OnReadError(http::error::body_limit);
    reader_.LimitBody(max_body_bytes_);
    if (length > options_.max_body_bytes) {
      request_.has_unread_body = true;
      return Dispatch();
    }
    Pull(options_.max_body_bytes + 1, [this](absl::StatusOr<std::string> body) {
      if (!body.ok()) return;  // Answered, or closed.
      request_.body = *std::move(body);
      Dispatch();
    });
  }

  void Pull(size_t most_bytes, BodyDone done) {
    pull_ = std::move(done);
    reader_.ReadPiece(
        most_bytes,
        [self = this->shared_from_this()] {
          if (self->state_ == State::kClosed) return false;
          self->SetDeadline(self->BodyIsDueIn());
          return true;
        },
        Then(&Session::OnPulled));
  }

  void OnPulled(ErrorCode error) {
    if (error) return OnReadError(error);
    EndPull(reader_.TakePiece());
  }

  // No byte extends it.
  absl::Duration BodyIsDueIn() const {
    return options_.read_timeout - SinceReadBegan();
  }

  void EndPull(absl::StatusOr<std::string> piece) {
    if (pull_ == nullptr) return;
    if (state_ == State::kHandling) AwaitAnswer();
    std::exchange(pull_, nullptr)(std::move(piece));
  }

  void OnReadError(ErrorCode error) {
    const int code = CodeOfReadError(error);
    if (code == 0) return Close();
    Reject(code, WhyUnreadable(error, code, options_.max_header_bytes,
                               max_body_bytes_));
  }

  void Dispatch() {
    if (!request_.has_unread_body) reader_.End();
    state_ = State::kHandling;
    AwaitAnswer();
    handler_(MakeExchange(loop_, this->weak_from_this(), ++exchange_id_,
                          std::exchange(request_, {})));
  }

  void AwaitAnswer() {
    connections_.SetWait(this, HttpWait::kNothing);
    SetDeadline(options_.request_timeout - SinceReadBegan());
  }

  absl::Duration SinceReadBegan() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - read_begins_);
  }

  // Of what follows nobody knows where it begins.
  void Reject(int code, const absl::Status& why) {
    ++exchange_id_;  // Whatever comes for it is too late.
    keep_alive_ = false;
    request_ = {};
    state_ = State::kWriting;
    EndPull(GoneCaller());
    SetDeadline(options_.write_grace);
    Send(ErrorReply(path_, why, code));
  }

  // To HEAD, of what has no length before it is made, none is told.
  void Send(HttpReply reply, bool tells_length = true) {
    state_ = State::kWriting;
    // Of what follows a body that was not read nobody knows where it begins.
    keep_alive_ = keep_alive_ && reader_.is_done();
    connections_.SetWait(this, HttpWait::kNothing);
    if (!connections_.ReserveAnswer(reply.body.size())) {
      reply = ErrorReply(path_, TooManyAnswers());
      connections_.ReserveAnswer(reply.body.size());
    }
    reserved_bytes_ = reply.body.size();
    response_ = MakeResponse(std::move(reply), version_, keep_alive_);
    if (tells_length) response_.prepare_payload();
    serializer_.emplace(response_);
    const auto next = Then(&Session::OnSent);
    request_is_head_ ? http::async_write_header(stream_, *serializer_, next)
                     : http::async_write(stream_, *serializer_, next);
  }

  void ReleaseAnswer() {
    connections_.ReleaseAnswer(std::exchange(reserved_bytes_, 0));
  }

  void OnSent(ErrorCode error) {
    serializer_.reset();
    response_.body() = {};
    ReleaseAnswer();
    if (error) return Close();
    if (keep_alive_) return Next();
    Linger();
  }

  // What has not been read yet would, on closing, destroy the answer on its
  // way.
  void Linger() {
    state_ = State::kLingering;
    SetDeadline(options_.linger_timeout);
    if constexpr (kIsTls) {
      stream_.async_shutdown(Then(&Session::OnShutdown));
    } else {
      OnShutdown({});
    }
  }

  // Nothing more is said in TLS, if it was.
  void OnShutdown(ErrorCode /*error*/) {
    ErrorCode ignored;
    Socket().shutdown(Tcp::socket::shutdown_send, ignored);
    Drain();
  }

  // Reads what nobody needs until the caller closes its side.
  void Drain() {
    if (std::exchange(is_draining_, true)) return;
    reader_.buffer().clear();
    const auto next = Then(&Session::OnDrained);
    const auto into = reader_.buffer().prepare(kReadBytes);
    state_ == State::kLingering ? Socket().async_read_some(into, next)
                                : stream_.async_read_some(into, next);
  }
  void OnDrained(ErrorCode error) {
    is_draining_ = false;
    error ? Close() : Drain();
  }

  void WriteNext() {
    if (is_writing_) return;
    if (next_piece_ != nullptr) {
      Write(std::move(next_piece_));
    } else if (ends_) {
      if (version_ != 11) return Linger();
      ends_ = false;
      is_last_ = true;
      Write(std::make_shared<std::string>());
    }
  }

  // An empty piece is a chunked body's end.
  void Write(std::shared_ptr<const std::string> piece) {
    is_writing_ = true;
    SetDeadline(options_.request_timeout);
    piece_ = std::move(piece);
    asio::async_write(stream_, PieceBuffers(*piece_, version_, chunk_head_),
                      Then(&Session::OnPieceSent));
  }

  void OnPieceSent(ErrorCode error) {
    is_writing_ = false;
    piece_.reset();
    serializer_.reset();
    if (error) return Close();
    if (std::exchange(is_last_, false)) {
      return keep_alive_ ? Next() : Linger();
    }
    SetDeadline(options_.heartbeat);
    if (!std::exchange(is_heartbeat_, false) && events_.written) {
      events_.written();
    }
    if (state_ == State::kStreaming) WriteNext();
  }

  const std::shared_ptr<HttpLoop> loop_;  // First: it outlives the socket.
  HttpConnections& connections_;
  const HttpServerOptions& options_;
  const HttpHandler& handler_;
  const std::function<uint64_t(const HttpRequest&)>& max_body_bytes_of_;
  Stream stream_;
  RequestReader<Stream> reader_;
  asio::steady_timer timer_;
  const std::string client_;
  State state_ = State::kReading;
  std::chrono::steady_clock::time_point read_begins_;

  // The request.
  HttpRequest request_;  // What of it is known before it is handled.
  BodyDone pull_;        // Waits for a piece of its body.
  uint64_t max_body_bytes_ = 0;
  std::string path_;
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool is_refused_ = false;
  bool request_is_head_ = false;
  int64_t exchange_id_ = 0;

  // The answer.
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  size_t reserved_bytes_ = 0;

  // The stream.
  HttpStreamEvents events_;
  std::shared_ptr<const std::string> piece_;
  std::shared_ptr<const std::string> next_piece_;
  std::string chunk_head_;
  bool is_writing_ = false;
  bool is_heartbeat_ = false;
  bool is_last_ = false;
  bool ends_ = false;
  bool is_draining_ = false;
  bool is_reading_ahead_ = false;
};

}  // namespace

std::shared_ptr<HttpConnection> MakePlainConnection(
    Tcp::socket socket, const HttpSessionHost& host) {
  return std::make_shared<Session<Tcp::socket>>(std::move(socket), host);
}

std::shared_ptr<HttpConnection> MakeTlsConnection(Tcp::socket socket,
                                                  asio::ssl::context& context,
                                                  const HttpSessionHost& host) {
  using Stream = beast::ssl_stream<Tcp::socket>;
  return std::make_shared<Session<Stream>>(Stream(std::move(socket), context),
                                           host);
}

}  // namespace atelier
