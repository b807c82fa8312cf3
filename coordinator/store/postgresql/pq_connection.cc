#include "coordinator/store/postgresql/pq_connection.h"

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/quoted_text.h"
#include "common/shortest_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// SQLSTATE's classes are its first two characters.
absl::StatusCode CodeOf(absl::string_view state) {
  for (absl::string_view again : {"08", "40", "53", "57"}) {
    if (absl::StartsWith(state, again)) return absl::StatusCode::kUnavailable;
  }
  // A lock was not to be had in time, an idle transaction was ended, or the
  // server is a standby now.
  for (absl::string_view again : {"55P03", "25P03", "25006"}) {
    if (state == again) return absl::StatusCode::kUnavailable;
  }
  if (absl::StartsWith(state, "28") || state == "42501") {
    return absl::StatusCode::kPermissionDenied;
  }
  if (absl::StartsWith(state, "23") || state == "3D000") {
    return absl::StatusCode::kFailedPrecondition;
  }
  return absl::StatusCode::kInternal;
}

absl::Status ErrorOf(absl::string_view state, absl::string_view message) {
  return absl::Status(CodeOf(state), absl::StrCat("PostgreSQL: ", message,
                                                  " (SQLSTATE ", state, ")"));
}

// Not the details, which may quote a row.
absl::Status StatusOf(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message =
      PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return ErrorOf(state == nullptr ? "XX000" : state,
                 message == nullptr ? "no message" : message);
}

// libpq's own errors have no SQLSTATE: it could not send or read. Its status
// may not say so yet, and what became of a COMMIT is as open as after it does.
bool EndsConnection(const PGresult* result) {
  if (PQresultErrorField(result, PG_DIAG_SQLSTATE) == nullptr) return true;
  const char* const severity =
      PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && (absl::string_view(severity) == "FATAL" ||
                                 absl::string_view(severity) == "PANIC");
}

absl::string_view FirstLine(absl::string_view text) {
  return absl::StripAsciiWhitespace(text.substr(0, text.find('\n')));
}

bool IsState(absl::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c);
         });
}

// Of a connection that was not made. Only its text has the SQLSTATE, in verbose
// errors: "FATAL:  28P01: password authentication failed".
absl::Status NotConnected(absl::string_view text) {
  for (size_t at = text.find(":  "); at != absl::string_view::npos;
       at = text.find(":  ", at + 1)) {
    const absl::string_view rest = text.substr(at + 3);
    if (IsState(rest.substr(0, 5)) && absl::StartsWith(rest.substr(5), ": ")) {
      return ErrorOf(rest.substr(0, 5), FirstLine(rest.substr(7)));
    }
  }
  // libpq's own words.
  if (absl::StrContains(text, "no password supplied")) {
    return ErrorOf("28P01", "no password supplied");
  }
  return absl::UnavailableError(absl::StrCat("PostgreSQL: ", FirstLine(text)));
}

// What libpq says before it looks for a server: of what it was told, which no
// other server's state changes.
bool IsOfParameters(absl::string_view text) {
  for (absl::string_view begin :
       {"invalid ", "definition of service ", "service file ",
        "syntax error in service file ", "could not match "}) {
    if (absl::StartsWith(text, begin)) return true;
  }
  return false;
}

// Until it is made, has failed, or the time is over.
absl::Status Await(PGconn* connection, absl::Time deadline) {
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) {
      return absl::UnavailableError("PostgreSQL: no answer in time");
    }
    pollfd one{
        PQsocket(connection),
        static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT),
        0};
    const int ready =
        poll(&one, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (ready < 0 && errno != EINTR) {
      return absl::InternalError("PostgreSQL: poll failed");
    }
    if (ready > 0) state = PQconnectPoll(connection);
  }
  if (state == PGRES_POLLING_OK) return absl::OkStatus();
  return NotConnected(PQerrorMessage(connection));
}

}  // namespace

PqParams& PqParams::Text(absl::string_view text) {
  const bool can_be = IsUtf8(text) && !absl::StrContains(text, '\0');
  values_.emplace_back(can_be ? std::string(text) : absl::CHexEscape(text));
  return *this;
}

PqParams& PqParams::Int(int64_t number) {
  values_.emplace_back(absl::StrCat(number));
  return *this;
}

PqParams& PqParams::Double(double number) {
  values_.emplace_back(ShortestText(number));
  return *this;
}

PqParams& PqParams::Bytes(absl::string_view bytes) {
  values_.emplace_back(absl::StrCat("\\x", absl::BytesToHexString(bytes)));
  return *this;
}

PqParams& PqParams::Null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

PqParams& PqParams::Texts(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    absl::StrAppend(&array, array.size() > 1 ? "," : "", "\"",
                    absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}),
                    "\"");
  }
  return Text(array + "}");
}

absl::string_view PqResult::Text(int row, int column) const {
  return absl::string_view(
      PQgetvalue(result_.get(), row, column),
      static_cast<size_t>(PQgetlength(result_.get(), row, column)));
}

int64_t PqResult::Int(int row, int column) const {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(row, column), &number) ? number : 0;
}

double PqResult::Double(int row, int column) const {
  double number = 0;
  return absl::SimpleAtod(Text(row, column), &number) ? number : 0;
}

std::string PqResult::Bytes(int row, int column) const {
  size_t size = 0;
  const std::unique_ptr<unsigned char, decltype(&PQfreemem)> bytes(
      PQunescapeBytea(reinterpret_cast<const unsigned char*>(
                          PQgetvalue(result_.get(), row, column)),
                      &size),
      PQfreemem);
  if (bytes == nullptr) return "";
  return std::string(reinterpret_cast<const char*>(bytes.get()), size);
}

int64_t PqResult::affected() const {
  int64_t number = 0;
  return absl::SimpleAtoi(PQcmdTuples(result_.get()), &number) ? number : 0;
}

absl::StatusOr<std::unique_ptr<PqConnection>> PqConnection::Open(
    const std::string& url, absl::Duration timeout) {
  // The URL comes last and has the last word. A server that is gone without a
  // word is noticed within half a minute; of several the one that takes writes
  // counts.
  const char* const names[] = {"fallback_application_name",
                               "target_session_attrs",
                               "keepalives_idle",
                               "keepalives_interval",
                               "keepalives_count",
                               "tcp_user_timeout",
                               "client_encoding",
                               "dbname",
                               nullptr};
  const char* const values[] = {
      "atelier-coordinator", "read-write", "10", "5", "3", "30000", "UTF8",
      url.c_str(),           nullptr};
  std::unique_ptr<PqConnection> made(new PqConnection(
      PQconnectStartParams(names, values, /*expand_dbname=*/1)));
  PGconn* const connection = made->connection_.get();
  if (connection == nullptr) return absl::UnavailableError("out of memory");
  if (PQstatus(connection) == CONNECTION_BAD) {
    const absl::string_view why = PQerrorMessage(connection);
    if (IsOfParameters(why)) return InvalidArgument(FirstLine(why));
    return NotConnected(why);
  }
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  // Else notices go to the standard error stream.
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  RETURN_IF_ERROR(Await(connection, absl::Now() + timeout));
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  if (PQenterPipelineMode(connection) != 1) return made->Lost();
  // What a role or database may have set otherwise. A commit that was answered
  // is on the disk; a transaction whose coordinator is gone ends.
  made->QueueOnce("SET client_encoding = 'UTF8'");
  made->QueueOnce("SET extra_float_digits = 1");
  // A prepared plan is kept, also one that was made when its table was empty:
  // until the first ANALYZE it would read all that the table has by then. Where
  // there is no index, what is charged for going without would pay for
  // compiling.
  made->QueueOnce("SET enable_seqscan = off");
  made->QueueOnce("SET jit = off");
  made->QueueOnce("SET lock_timeout = '10s'");
  made->QueueOnce("SET idle_in_transaction_session_timeout = '30s'");
  made->QueueOnce(
      "SELECT set_config('synchronous_commit', 'on', false) "
      "WHERE current_setting('synchronous_commit') IN ('off', 'local')");
  RETURN_IF_ERROR(made->Sync().status());
  return made;
}

absl::Status PqConnection::Lost() {
  lost_ = true;
  queued_.clear();
  return absl::UnavailableError(
      absl::StrCat("PostgreSQL: the connection is lost: ",
                   FirstLine(PQerrorMessage(connection_.get()))));
}

void PqConnection::Sent(int sent, Queued queued) {
  if (sent != 1) lost_ = true;  // Sync says so.
  queued_.push_back(std::move(queued));
}

void PqConnection::Queue(const std::string& sql, const PqParams& params) {
  if (lost_) return;
  PGconn* const connection = connection_.get();
  auto [place, is_new] = prepared_.try_emplace(sql);
  if (is_new) {
    place->second = absl::StrCat("s", ++names_);
    Sent(PQsendPrepare(connection, place->second.c_str(), sql.c_str(), 0,
                       nullptr),
         {true, sql});
  }
  std::vector<const char*> values;
  for (const std::optional<std::string>& value : params.values()) {
    values.push_back(value.has_value() ? value->c_str() : nullptr);
  }
  Sent(PQsendQueryPrepared(connection, place->second.c_str(),
                           static_cast<int>(values.size()), values.data(),
                           nullptr, nullptr, /*resultFormat=*/0),
       {});
}

void PqConnection::QueueOnce(const std::string& sql) {
  if (lost_) return;
  Sent(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr,
                         nullptr, nullptr, /*resultFormat=*/0),
       {});
}

// The results up to the end of what was queued.
absl::Status PqConnection::Take(std::vector<PqResult>& results) {
  PGconn* const connection = connection_.get();
  absl::Status first;
  for (const Queued& queued : queued_) {
    bool done = false;
    // Each ends with a null.
    while (PGresult* one = PQgetResult(connection)) {
      PqResult result(one);
      const ExecStatusType status = PQresultStatus(one);
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        done = true;
        if (!queued.is_prepare) results.push_back(std::move(result));
      } else if (status != PGRES_PIPELINE_ABORTED) {
        if (EndsConnection(one)) return Lost();
        if (first.ok()) first = StatusOf(one);
      }
      if (PQstatus(connection) == CONNECTION_BAD) return Lost();
    }
    if (PQstatus(connection) == CONNECTION_BAD) return Lost();
    if (queued.is_prepare && !done) prepared_.erase(queued.sql);
  }
  const PqResult end(PQgetResult(connection));
  if (PQstatus(connection) == CONNECTION_BAD) return Lost();
  return first;
}

absl::StatusOr<std::vector<PqResult>> PqConnection::Sync() {
  if (lost_ || PQpipelineSync(connection_.get()) != 1) return Lost();
  std::vector<PqResult> results;
  const absl::Status taken = Take(results);
  queued_.clear();
  RETURN_IF_ERROR(taken);
  return results;
}

absl::StatusOr<PqResult> PqConnection::Run(const std::string& sql,
                                           const PqParams& params) {
  Queue(sql, params);
  ASSIGN_OR_RETURN(std::vector<PqResult> results, Sync());
  return std::move(results.front());
}

absl::Status PqConnection::RunOnce(const std::string& sql) {
  QueueOnce(sql);
  return Sync().status();
}

void PqConnection::RollBack() {
  if (lost_ || PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
  if (!RunOnce("ROLLBACK").ok()) lost_ = true;
}

}  // namespace atelier
