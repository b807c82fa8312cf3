// What a person calls the inputs of a task's render.
//
//   InputNames names(job.spec());
//   for (const v1::Task& task : tasks) {
//     names.MoveTo(task);
//     ... names.Of("content_digest", 0, digest);  // "harbour.jpg"
//   }
#ifndef ATELIER_CLIENT_LIB_INPUT_NAMES_H_
#define ATELIER_CLIENT_LIB_INPUT_NAMES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace atelier {

namespace v1 {
class AxisValue;
class JobSpec;
class RenderSpec;
class Task;
}  // namespace v1

/// Two files of one job may have the same bytes, and so the same digest: then
/// the place of an input, not its digest, says which is meant.
/// Thread-compatible.
class InputNames {
 public:
  using ByDigest = std::map<std::string, std::string, std::less<>>;

  InputNames() = default;
  /// Of a single render, where digests are enough.
  explicit InputNames(ByDigest by_digest) : by_digest_(std::move(by_digest)) {}
  /// Of a job. Lifetime: of `spec`.
  explicit InputNames(const v1::JobSpec& spec);

  /// From now on the names at this task of the job.
  void MoveTo(const v1::Task& task);

  /// The name of the input in this field of the resolved RenderSpec, `position`
  /// in its list; the digest where it has none.
  std::string Of(absl::string_view field, int position,
                 const std::string& digest) const;

 private:
  using ByPlace = std::map<std::pair<std::string, int>, std::string>;

  void Lay(const v1::RenderSpec& over);

  const v1::JobSpec* spec_ = nullptr;  // Null: there are no names by place.
  ByDigest by_digest_;
  // For each axis, its values by label.
  std::vector<std::map<absl::string_view, const v1::AxisValue*>> values_;
  ByPlace by_place_;
  std::vector<double> blend_;
  // Resolving drops the styles without a share: where the others stood.
  std::vector<int> positions_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_INPUT_NAMES_H_
