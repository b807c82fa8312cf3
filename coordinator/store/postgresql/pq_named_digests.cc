#include "coordinator/store/postgresql/pq_named_digests.h"

#include "common/status_macros.h"
#include "coordinator/store/row_text.h"

namespace atelier {
namespace {

constexpr char kPictures[] =
    "INSERT INTO named SELECT DISTINCT image_digest FROM tasks "
    "JOIN jobs USING (job_id) WHERE tasks.state = 3 "
    "AND image_digest IS NOT NULL "
    "AND (jobs.state = 1 OR coalesce(jobs.ended_at >= $1, false))";

}  // namespace

absl::StatusOr<std::unique_ptr<NamedDigests>> PqNamedDigests::Make(
    const std::string& url, absl::Time ended_since) {
  absl::StatusOr<std::unique_ptr<PqConnection>> opened =
      PqConnection::Open(url, absl::Seconds(5));
  // Others were made before.
  if (!opened.ok()) return absl::UnavailableError(opened.status().message());
  std::unique_ptr<PqConnection> connection = *std::move(opened);
  RETURN_IF_ERROR(connection->RunOnce(
      "CREATE TEMP TABLE named (digest TEXT COLLATE \"C\" PRIMARY KEY)"));
  RETURN_IF_ERROR(
      connection->Run(kPictures, PqParams().Int(ToSql(ended_since))).status());
  return std::unique_ptr<NamedDigests>(
      new PqNamedDigests(std::move(connection)));
}

absl::Status PqNamedDigests::Add(const std::string& digest) {
  return connection_
      ->Run("INSERT INTO named VALUES ($1) ON CONFLICT DO NOTHING",
            PqParams().Text(digest))
      .status();
}

absl::StatusOr<bool> PqNamedDigests::Has(const std::string& digest) {
  ASSIGN_OR_RETURN(const PqResult found,
                   connection_->Run("SELECT 1 FROM named WHERE digest = $1",
                                    PqParams().Text(digest)));
  return found.rows() > 0;
}

}  // namespace atelier
