#include "worker/engine/two_loop_pairs.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/row_products.h"

namespace atelier::engine {

at::ScalarType TwoLoopPairs::TypeFor(const at::Tensor& like) const {
  return rounded_ ? at::kBFloat16 : like.scalar_type();
}

CurvaturePair TwoLoopPairs::Room(const at::Tensor& like) {
  if (static_cast<int>(pairs_.size()) < history_) {
    const at::TensorOptions options = like.options().dtype(TypeFor(like));
    return {
        at::empty(like.sizes(), options), at::empty(like.sizes(), options), {}};
  }
  CurvaturePair oldest = std::move(pairs_.front());
  pairs_.pop_front();
  return oldest;
}

LearnedPair TwoLoopPairs::Add(const at::Tensor& like, Writer write) {
  CurvaturePair kept = Room(like);
  write(kept.step, kept.change);
  // What is measured is what is kept.
  const at::Tensor step = kept.step.to(like.scalar_type());
  const at::Tensor change = kept.change.to(like.scalar_type());
  LearnedPair learned = AcceptOrRefuse(step, change, Dot(step, change));
  if (rounded_) {
    const at::Tensor refused = learned.accepted.logical_not();
    ZeroRows(kept.step, refused);
    ZeroRows(kept.change, refused);
  }
  kept.inverse = learned.pair.inverse;
  pairs_.push_back(std::move(kept));
  return learned;
}

at::Tensor TwoLoopPairs::TimesInverse(at::Tensor rows,
                                      InitialHessian initial) const {
  const size_t count = pairs_.size();
  if (count == 0) return initial(std::move(rows));
  // A vector is read once for what is added to it and the next product.
  std::vector<at::Tensor> along(count);
  at::Tensor product = Dot(pairs_.back().step, rows);
  for (size_t i = count; i-- > 0;) {
    along[i] = product * pairs_[i].inverse;
    product = AddThenDot(pairs_[i].change, -along[i],
                         i > 0 ? pairs_[i - 1].step : at::Tensor(), rows);
  }
  rows = initial(std::move(rows));
  product = Dot(pairs_.front().change, rows);
  for (size_t i = 0; i < count; ++i) {
    const at::Tensor across = product * pairs_[i].inverse;
    product =
        AddThenDot(pairs_[i].step, along[i] - across,
                   i + 1 < count ? pairs_[i + 1].change : at::Tensor(), rows);
  }
  return rows;
}

void TwoLoopPairs::Clear(const at::Tensor& which) {
  for (CurvaturePair& pair : pairs_) {
    pair.step.masked_fill_(which, 0);
    pair.change.masked_fill_(which, 0);
    pair.inverse.masked_fill_(which, 0);
  }
}

void TwoLoopPairs::ForEach(
    const at::Tensor& like,
    absl::FunctionRef<void(const CurvaturePair&)> visit) const {
  for (const CurvaturePair& kept : pairs_) {
    visit({kept.step.to(like.scalar_type()), kept.change.to(like.scalar_type()),
           kept.inverse});
  }
}

std::vector<NamedTensor> TwoLoopPairs::State() const {
  std::vector<NamedTensor> state;
  for (size_t i = 0; i < pairs_.size(); ++i) {
    const std::string pair = absl::StrCat("pair ", i, " ");
    state.push_back({pair + "step", pairs_[i].step});
    state.push_back({pair + "change", pairs_[i].change});
    state.push_back({pair + "inverse", pairs_[i].inverse});
  }
  return state;
}

absl::Status TwoLoopPairs::TakeState(StateReader& reader,
                                     const at::Tensor& like) {
  pairs_.clear();
  const at::ScalarType type = TypeFor(like);
  for (int i = 0; i < history_ && !reader.AtEnd(); ++i) {
    const std::string name = absl::StrCat("pair ", i, " ");
    CurvaturePair pair;
    RETURN_IF_ERROR(reader.Take(name + "step", type, like.sizes(), &pair.step));
    RETURN_IF_ERROR(
        reader.Take(name + "change", type, like.sizes(), &pair.change));
    RETURN_IF_ERROR(reader.Take(name + "inverse", like.scalar_type(),
                                {like.size(0), 1}, &pair.inverse));
    pairs_.push_back(std::move(pair));
  }
  return absl::OkStatus();
}

}  // namespace atelier::engine
