// One connection to PostgreSQL through libpq, and its errors as statuses.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_CONNECTION_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_CONNECTION_H_

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace atelier {

/// A statement's parameters $1, $2 and so on, in their order, as text.
class PqParams {
 public:
  /// PostgreSQL has no text with a zero byte or that is no UTF-8: such text is
  /// kept, and looked for, with escapes.
  PqParams& Text(absl::string_view text);
  PqParams& Int(int64_t number);
  PqParams& Double(double number);
  PqParams& Bytes(absl::string_view bytes);
  PqParams& Null();
  /// An array of text, for "= ANY ($1)".
  PqParams& Texts(const std::vector<std::string>& texts);

  PqParams& TextIf(bool there, absl::string_view text) {
    return there ? Text(text) : Null();
  }
  PqParams& IntIf(const std::optional<int64_t>& number) {
    return number.has_value() ? Int(*number) : Null();
  }
  const std::vector<std::optional<std::string>>& values() const {
    return values_;
  }

 private:
  std::vector<std::optional<std::string>> values_;
};

/// What a statement gave.
class PqResult {
 public:
  explicit PqResult(PGresult* result) : result_(result, PQclear) {}

  int rows() const { return PQntuples(result_.get()); }
  bool IsNull(int row, int column) const {
    return PQgetisnull(result_.get(), row, column) != 0;
  }
  /// Empty where it is NULL.
  absl::string_view Text(int row, int column) const;
  /// 0 where it is NULL, as the next.
  int64_t Int(int row, int column) const;
  double Double(int row, int column) const;
  std::string Bytes(int row, int column) const;
  /// How many rows the statement wrote or, of a query, gave.
  int64_t affected() const;

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

/// Statements are queued, go to the server together, and are answered together;
/// what is asked again is prepared once. An error ends what was queued after
/// it, not a transaction that was begun: the caller then calls RollBack.
///
/// Errors of all: Unavailable (the connection is lost or can't be made, the
/// server is full, ends or has chosen this transaction as a victim: repeat),
/// PermissionDenied, FailedPrecondition (a constraint, or no such database),
/// InvalidArgument (a parameter of the URL or the service file), else Internal.
/// No message has a password or a row's values.
///
/// Thread-compatible.
class PqConnection {
 public:
  /// `url`: as libpq takes it, "postgresql://user@host:port/database?...".
  /// Whatever it does not say libpq takes from its usual places: PGPASSWORD and
  /// other variables, ~/.pgpass, a service file.
  static absl::StatusOr<std::unique_ptr<PqConnection>> Open(
      const std::string& url, absl::Duration timeout);

  PqConnection(const PqConnection&) = delete;
  PqConnection& operator=(const PqConnection&) = delete;

  /// `sql` is one statement. Few different ones may ever be queued: each stays
  /// prepared.
  void Queue(const std::string& sql, const PqParams& params = PqParams());
  /// The same for one that is not asked again.
  void QueueOnce(const std::string& sql);
  /// What each that was queued has given, in their order; or the first error.
  absl::StatusOr<std::vector<PqResult>> Sync();
  /// Queue and Sync.
  absl::StatusOr<PqResult> Run(const std::string& sql,
                               const PqParams& params = PqParams());
  absl::Status RunOnce(const std::string& sql);

  /// Ends a transaction, if one has begun.
  void RollBack();
  /// It is of no use any more.
  bool lost() const { return lost_; }

 private:
  struct Queued {
    bool is_prepare = false;
    std::string sql;  // Of a prepare.
  };

  explicit PqConnection(PGconn* connection)
      : connection_(connection, PQfinish) {}
  absl::Status Lost();
  void Sent(int sent, Queued queued);
  absl::Status Take(std::vector<PqResult>& results);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::map<std::string, std::string> prepared_;  // Names by statement.
  int64_t names_ = 0;
  std::vector<Queued> queued_;
  bool lost_ = false;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_CONNECTION_H_
