#include "coordinator/artifacts/blob_reading.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kSkipAtOnce = int64_t{1} << 20;

void SkipOn(const std::shared_ptr<BlobReading>& reading, int64_t left,
            const BlobDone& done) {
  // Of an empty blob, too, the digest is compared.
  if (left == 0 && (reading->has_ended() || reading->info().size_bytes > 0)) {
    done(absl::OkStatus());
    return;
  }
  reading->Next(static_cast<size_t>(std::min(kSkipAtOnce, left)),
                [reading, left, done](const absl::StatusOr<std::string>& got) {
                  if (!got.ok()) {
                    done(got.status());
                    return;
                  }
                  SkipOn(reading, left - static_cast<int64_t>(got->size()),
                         done);
                });
}

}  // namespace

void BlobReading::Next(size_t most_bytes,
                       BlobCallback<absl::StatusOr<std::string>> done) {
  const auto left_bytes = static_cast<size_t>(info_.size_bytes - offset_);
  const size_t wanted_bytes = std::min(most_bytes, left_bytes);
  if (has_ended_) {
    done(std::string());
    return;
  }
  blobs_.Read(key_, offset_, wanted_bytes,
              [this, wanted_bytes,
               done = std::move(done)](absl::StatusOr<std::string> bytes) {
                done(bytes.ok() ? Take(wanted_bytes, *std::move(bytes))
                                : bytes.status());
              });
}

absl::StatusOr<std::string> BlobReading::Take(size_t wanted_bytes,
                                              std::string bytes) {
  const std::string name = absl::StrCat(Name(key_.kind), " ", key_.digest);
  hash_.Update(bytes);
  offset_ += static_cast<int64_t>(bytes.size());
  if (bytes.size() < wanted_bytes) {
    return absl::DataLossError(absl::StrCat(name, ": expected ",
                                            info_.size_bytes,
                                            " bytes, it ends after ", offset_));
  }
  if (offset_ < info_.size_bytes) return bytes;
  if (const std::string digest = hash_.HexDigest(); digest != key_.digest) {
    return absl::DataLossError(absl::StrCat(name, " is damaged: its ",
                                            info_.size_bytes,
                                            " bytes have digest ", digest));
  }
  has_ended_ = true;
  return bytes;
}

void SkipTo(const std::shared_ptr<BlobReading>& reading, int64_t offset,
            BlobDone done) {
  SkipOn(reading, offset, done);
}

}  // namespace atelier
