// What a sheet says of all its pictures: the title's second line, and the
// inputs beside the grid.
//
//   SheetHeading heading(job.spec());
//   for (const v1::Task& task : tasks) heading.Add(task);
//   sheet.subtitle = heading.Subtitle();
#ifndef ATELIER_CLIENT_LIB_SHEET_HEADING_H_
#define ATELIER_CLIENT_LIB_SHEET_HEADING_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/lib/input_names.h"
#include "common/render/params.h"

namespace atelier {

namespace v1 {
class JobSpec;
class Task;
}  // namespace v1

/// A picture that all tasks of a job that need one of its kind start from.
struct CommonInput {
  std::string label;  ///< "style: starry.jpg"
  std::string digest;
};

/// A task whose render this build cannot read says nothing about what is
/// common. Lifetime: of the spec. Thread-compatible.
class SheetHeading {
 public:
  explicit SheetHeading(const v1::JobSpec& spec);

  void Add(const v1::Task& task);

  /// "size 224, iterations 150, init noise": what the job gives in its base and
  /// all tasks have, where it is no file and not the default anyway.
  std::string Subtitle() const;

  /// The content, the styles, and the picture that renders start from.
  std::vector<CommonInput> Inputs() const;

 private:
  // The inputs of one field: those that every task with any has.
  struct Candidates {
    bool is_first = true;
    std::vector<CommonInput> inputs;
  };

  void AddInputs(const Render& render);
  void Keep(absl::string_view role, std::vector<CommonInput> inputs);

  const v1::JobSpec& spec_;
  InputNames names_;
  bool is_first_ = true;
  // Of parameters that all tasks so far have the same text of.
  std::map<absl::string_view, std::string> texts_;
  std::map<absl::string_view, Candidates> inputs_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SHEET_HEADING_H_
