#include "coordinator/blobs/guarded_store.h"

#include "common/status_macros.h"

namespace atelier {
namespace {

// A full disk and a used-up quota are Unavailable.
absl::Status Heard(SpaceGuard& guard, absl::Status status) {
  if (absl::IsUnavailable(status)) guard.WriteFailed();
  return status;
}

}  // namespace

class GuardedStore::Writer : public ArtifactWriter {
 public:
  Writer(SpaceGuard& guard, std::unique_ptr<ArtifactWriter> writer)
      : guard_(guard), writer_(std::move(writer)) {}

  absl::Status Append(absl::string_view bytes) override {
    return Heard(guard_, writer_->Append(bytes));
  }
  absl::Status Commit() override { return Heard(guard_, writer_->Commit()); }

 private:
  SpaceGuard& guard_;
  const std::unique_ptr<ArtifactWriter> writer_;
};

absl::StatusOr<std::unique_ptr<ArtifactWriter>> GuardedStore::NewWriter(
    absl::string_view digest, int64_t size_bytes) {
  RETURN_IF_ERROR((guard_.*may_write_)());
  absl::StatusOr<std::unique_ptr<ArtifactWriter>> writer =
      store().NewWriter(digest, size_bytes);
  RETURN_IF_ERROR(Heard(guard_, writer.status()));
  return std::make_unique<Writer>(guard_, *std::move(writer));
}

}  // namespace atelier
