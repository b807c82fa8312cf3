#include "worker/engine/experimental/block_pairs.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace atelier::engine::experimental {
namespace {

constexpr absl::string_view kRing = "pairs and the oldest's place";

// Libraries may choose kernels by where a vector begins, and an image must not
// be rounded otherwise in another place of its batch: all begin at multiples of
// so many values.
constexpr int64_t kAlignment = 4;

// Of [..., values], with room between the rows.
at::Tensor AlignedRows(std::vector<int64_t> shape,
                       const at::TensorOptions& options) {
  const int64_t values = shape.back();
  shape.back() = (values + kAlignment - 1) / kAlignment * kAlignment;
  return at::empty(shape, options).narrow(-1, 0, values);
}

at::Tensor WithAlignedRows(const at::Tensor& rows) {
  if (rows.size(0) == 1 || rows.stride(0) % kAlignment == 0) return rows;
  return AlignedRows(rows.sizes().vec(), rows.options()).copy_(rows);
}

// Of [n, k, k] and [n, k].
at::Tensor Solve(const at::Tensor& triangles, const at::Tensor& right,
                 bool upper) {
  return at::linalg_solve_triangular(triangles, right.unsqueeze(-1), upper)
      .squeeze(-1);
}

}  // namespace

void BlockPairs::Allocate(const at::Tensor& like) {
  const std::vector<int64_t> shape = {like.size(0), history_, like.size(1)};
  steps_ = AlignedRows(shape, like.options());
  changes_ = AlignedRows(shape, like.options());
  triangle_ =
      at::empty({like.size(0), 0, 0}, like.options().dtype(at::kDouble));
}

int64_t BlockPairs::NextPlace() {
  if (count_ < history_) return count_++;
  const int64_t place = oldest_;
  oldest_ = (oldest_ + 1) % history_;
  return place;
}

LearnedPair BlockPairs::Add(const at::Tensor& like, Writer write) {
  if (!steps_.defined()) Allocate(like);
  const int64_t place = NextPlace();
  at::Tensor step = steps_.select(1, place);
  at::Tensor change = changes_.select(1, place);
  write(step, change);
  const at::Tensor products = Products(steps_, change);
  const at::Tensor curvature =
      products.narrow(1, count_ - 1, 1).to(like.scalar_type());
  LearnedPair learned = AcceptOrRefuse(step, change, curvature);
  AppendColumn(products, learned.accepted);
  return learned;
}

void BlockPairs::AppendColumn(const at::Tensor& products,
                              const at::Tensor& accepted) {
  const int64_t before = triangle_.size(1);
  const int64_t left = count_ - 1;
  const at::Tensor rest =
      triangle_.narrow(1, before - left, left).narrow(2, before - left, left);
  triangle_ = at::constant_pad_nd(rest, {0, 1, 0, 1});
  const at::Tensor column = triangle_.select(2, left);
  const at::Tensor refused = accepted.logical_not();
  column.copy_(products.masked_fill(refused, 0));
  column.narrow(1, left, 1).masked_fill_(refused, 1);
}

at::Tensor BlockPairs::TimesInverse(at::Tensor rows,
                                    InitialHessian initial) const {
  if (count_ == 0) return initial(std::move(rows));
  rows = WithAlignedRows(rows);
  const at::Tensor along =
      Solve(triangle_, Products(steps_, rows), /*upper=*/true);
  AddRows(changes_, along, -1, rows);
  rows = WithAlignedRows(initial(std::move(rows)));
  const at::Tensor across =
      triangle_.diagonal(0, 1, 2) * along - Products(changes_, rows);
  AddRows(steps_, Solve(triangle_.transpose(1, 2), across, /*upper=*/false), 1,
          rows);
  return rows.contiguous();
}

at::Tensor BlockPairs::ByAge(const at::Tensor& by_place) const {
  return oldest_ == 0 ? by_place : at::roll(by_place, -oldest_, 1);
}

at::Tensor BlockPairs::ByPlace(const at::Tensor& by_age) const {
  return oldest_ == 0 ? by_age : at::roll(by_age, oldest_, 1);
}

// One image after the other: in a product of all of them an image could be
// rounded otherwise than alone.
at::Tensor BlockPairs::Products(const at::Tensor& matrix,
                                const at::Tensor& rows) const {
  const at::Tensor products =
      AlignedRows({rows.size(0), count_}, rows.options());
  for (int64_t i = 0; i < rows.size(0); ++i) {
    at::Tensor out = products[i];
    at::mv_out(out, matrix[i].narrow(0, 0, count_), rows[i]);
  }
  return ByAge(products).to(at::kDouble);
}

void BlockPairs::AddRows(const at::Tensor& matrix, const at::Tensor& factors,
                         double sign, at::Tensor& sum) const {
  const at::Tensor by_place =
      WithAlignedRows(ByPlace(factors).to(sum.scalar_type()));
  for (int64_t i = 0; i < sum.size(0); ++i) {
    sum[i].addmv_(matrix[i].narrow(0, 0, count_).t(), by_place[i], 1, sign);
  }
}

// The triangle may stay: what is multiplied by its inverse is 0 in those
// places.
void BlockPairs::Clear(const at::Tensor& which) {
  if (count_ == 0) return;
  const at::Tensor images = which.unsqueeze(-1);
  steps_.narrow(1, 0, count_).masked_fill_(images, 0);
  changes_.narrow(1, 0, count_).masked_fill_(images, 0);
}

void BlockPairs::Forget() {
  count_ = oldest_ = 0;
  steps_ = changes_ = triangle_ = at::Tensor();
}

void BlockPairs::ForEach(
    const at::Tensor& like,
    absl::FunctionRef<void(const CurvaturePair&)> visit) const {
  for (int64_t age = 0; age < count_; ++age) {
    const int64_t place = (oldest_ + age) % history_;
    const at::Tensor step = steps_.select(1, place);
    const at::Tensor refused = (step == 0).all(1, /*keepdim=*/true);
    visit({step, changes_.select(1, place),
           triangle_.select(1, age)
               .narrow(1, age, 1)
               .to(like.scalar_type())
               .reciprocal()
               .masked_fill_(refused, 0)});
  }
}

std::vector<NamedTensor> BlockPairs::State() const {
  if (count_ == 0) return {};
  const at::Tensor ring = at::tensor({count_, oldest_}, at::kLong)
                              .to(steps_.device())
                              .repeat({steps_.size(0), 1});
  return {{std::string(kRing), ring},
          {"steps", steps_.narrow(1, 0, count_)},
          {"changes", changes_.narrow(1, 0, count_)},
          {"triangle", triangle_}};
}

absl::Status BlockPairs::TakeState(StateReader& reader,
                                   const at::Tensor& like) {
  Forget();
  if (reader.AtEnd()) return absl::OkStatus();
  const int64_t images = like.size(0);
  at::Tensor ring;
  RETURN_IF_ERROR(reader.Take(kRing, at::kLong, {images, 2}, &ring));
  ring = ring.cpu();
  const int64_t count = ring[0][0].item<int64_t>();
  const int64_t oldest = ring[0][1].item<int64_t>();
  if (count < 1 || count > history_ || oldest < 0 || oldest >= count ||
      (oldest > 0 && count < history_) ||
      !ring.eq(ring[0]).all().item<bool>()) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint: ", kRing, " are [", count, ", ", oldest,
                     "], which a history of ", history_, " pairs cannot be"));
  }
  const std::vector<int64_t> shape = {images, count, like.size(1)};
  at::Tensor steps;
  at::Tensor changes;
  at::Tensor triangle;
  RETURN_IF_ERROR(reader.Take("steps", like.scalar_type(), shape, &steps));
  RETURN_IF_ERROR(reader.Take("changes", like.scalar_type(), shape, &changes));
  RETURN_IF_ERROR(
      reader.Take("triangle", at::kDouble, {images, count, count}, &triangle));
  // Much memory: not twice where they lie as they are to.
  if (count == history_ && steps.is_contiguous() && changes.is_contiguous() &&
      like.size(1) % kAlignment == 0) {
    steps_ = steps;
    changes_ = changes;
  } else {
    Allocate(like);
    steps_.narrow(1, 0, count).copy_(steps);
    changes_.narrow(1, 0, count).copy_(changes);
  }
  triangle_ = triangle;
  count_ = count;
  oldest_ = oldest;
  return absl::OkStatus();
}

}  // namespace atelier::engine::experimental
