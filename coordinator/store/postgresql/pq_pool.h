// A bounded number of connections to one database, opened when needed.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_POOL_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_POOL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/store/postgresql/pq_connection.h"

namespace atelier {

/// After a connection could not be made the next try is refused for a while
/// (Unavailable, with what was said then): from 100 ms, twice as long each
/// time, up to 5 s. What worked once is to work again: whatever keeps a later
/// connection from being made, it is Unavailable.
///
/// Thread-safe.
class PqPool {
 public:
  PqPool(std::string url, int most) : url_(std::move(url)), most_(most) {}

  /// A connection as long as it lives; one that is lost is then closed.
  class Lease {
   public:
    Lease(PqPool* pool, std::unique_ptr<PqConnection> connection, bool is_used)
        : pool_(pool), connection_(std::move(connection)), is_used_(is_used) {}
    Lease(Lease&& from) noexcept
        : pool_(std::exchange(from.pool_, nullptr)),
          connection_(std::move(from.connection_)),
          is_used_(from.is_used_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->Return(std::move(connection_));
    }
    PqConnection* operator->() { return connection_.get(); }
    PqConnection& operator*() { return *connection_; }
    /// It may have been lost since it was used last.
    bool is_used() const { return is_used_; }

   private:
    PqPool* pool_;
    std::unique_ptr<PqConnection> connection_;
    bool is_used_;
  };

  /// Waits for one while all are in use, at most half a minute.
  /// Errors: Unavailable, and those of PqConnection::Open.
  absl::StatusOr<Lease> Take();

  struct Query {
    std::string sql;
    PqParams params = {};
  };
  /// What each of them gives, asked together. Asks a second time where the
  /// connection turns out to have been lost: they only read.
  absl::StatusOr<std::vector<PqResult>> Read(const std::vector<Query>& queries);

 private:
  void Return(std::unique_ptr<PqConnection> connection);
  absl::StatusOr<std::unique_ptr<PqConnection>> Connect();

  const std::string url_;
  const int most_;
  absl::Mutex mu_;
  int in_use_ ABSL_GUARDED_BY(mu_) = 0;
  bool was_connected_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::unique_ptr<PqConnection>> idle_ ABSL_GUARDED_BY(mu_);
  absl::Duration backoff_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
  absl::Time next_try_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_POOL_H_
