#include "client/lib/input_names.h"

#include <algorithm>
#include <variant>

#include "atelier/v1/jobs.pb.h"
#include "common/render/parameters.h"
#include "common/rpc/render_conversion.h"

namespace atelier {
namespace {

bool HasNames(const v1::JobSpec& spec) {
  return spec.base_input_names_size() > 0 ||
         std::any_of(
             spec.axes().begin(), spec.axes().end(), [](const v1::Axis& axis) {
               return std::any_of(axis.values().begin(), axis.values().end(),
                                  [](const v1::AxisValue& value) {
                                    return value.input_names_size() > 0;
                                  });
             });
}

bool IsOfStyles(absl::string_view field) {
  const Parameter* const row = FindWireField(field);
  return row != nullptr &&
         std::holds_alternative<StyleMember<std::string>>(row->member);
}

}  // namespace

InputNames::InputNames(const v1::JobSpec& spec) {
  for (const v1::ImageDescription& image : spec.images()) {
    by_digest_[image.digest()] = image.name();
  }
  for (const v1::NetworkDescription& network : spec.networks()) {
    by_digest_[network.weights_digest()] = network.name();
  }
  if (!HasNames(spec)) return;
  spec_ = &spec;
  for (const v1::Axis& axis : spec.axes()) {
    auto& values = values_.emplace_back();
    for (const v1::AxisValue& value : axis.values()) {
      values.emplace(value.label(), &value);
    }
  }
}

// Takes away the names of the inputs that `over` replaces.
void InputNames::Lay(const v1::RenderSpec& over) {
  for (auto at = by_place_.begin(); at != by_place_.end();) {
    const Parameter* const row = FindWireField(at->first.first);
    const bool is_replaced = row != nullptr && CountGiven(over, *row) > 0;
    at = is_replaced ? by_place_.erase(at) : std::next(at);
  }
  if (over.style_blend_size() > 0) {
    blend_.assign(over.style_blend().begin(), over.style_blend().end());
  }
}

void InputNames::MoveTo(const v1::Task& task) {
  if (spec_ == nullptr) return;
  by_place_.clear();
  blend_.clear();
  const auto add = [this](const v1::RenderSpec& over, const auto& names) {
    Lay(over);
    for (const v1::InputName& name : names) {
      by_place_[{name.field(), name.position()}] = name.name();
    }
  };
  add(spec_->base(), spec_->base_input_names());
  const int axes = std::min<int>(task.labels_size(), values_.size());
  for (int i = 0; i < axes; ++i) {
    const auto found = values_[i].find(task.labels(i));
    if (found == values_[i].end()) continue;
    add(found->second->set(), found->second->input_names());
  }
  positions_.clear();
  for (size_t i = 0; i < blend_.size(); ++i) {
    if (blend_[i] > 0) positions_.push_back(static_cast<int>(i));
  }
}

std::string InputNames::Of(absl::string_view field, int position,
                           const std::string& digest) const {
  if (IsOfStyles(field) && position < static_cast<int>(positions_.size())) {
    position = positions_[position];
  }
  const auto placed = by_place_.find({std::string(field), position});
  if (placed != by_place_.end()) return placed->second;
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? digest : found->second;
}

}  // namespace atelier
