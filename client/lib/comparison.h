// Pictures that are measured side by side, and what each is compared with: what
// a person gives, or else what its metadata records.
//
//   ASSIGN_OR_RETURN(ComparisonInputs inputs,
//                    ComparisonInputs::Make(given, files));
//   for (const std::string& path : paths) {
//     comparison.pictures.push_back(inputs.Read(path));
//   }
//   RETURN_IF_ERROR(MeasureAll(comparison, by, files, run));
#ifndef ATELIER_CLIENT_LIB_COMPARISON_H_
#define ATELIER_CLIENT_LIB_COMPARISON_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/file_finder.h"
#include "client/lib/input_files.h"
#include "client/lib/json_text.h"
#include "common/render/measure.h"

namespace atelier {

/// A content, or a style with its share of the blend.
struct ComparedInput {
  std::string digest;
  std::string path;
  double share = 1;
};

struct ComparedPicture {
  std::string path;    ///< As the person named it.
  std::string digest;  ///< Of its file.
  int width_px = 0;
  int height_px = 0;
  bool is_result = false;  ///< Its metadata records a render.
  std::optional<ComparedInput> content;
  std::vector<ComparedInput> styles;  ///< Their shares sum to 1.
  /// Why it is not compared with some of its inputs; for people.
  std::vector<std::string> notes;
  std::map<std::string, double> measures;
  std::string error;  ///< Why it can't be measured; else empty.
};

struct Comparison {
  std::vector<ComparedPicture> pictures;
  RawJson measured_by{"null"};  ///< As in results.json.
};

/// What a person says that all pictures are compared with.
struct GivenInputs {
  std::string content;              ///< Empty: each picture's own.
  std::vector<std::string> styles;  ///< None: the same.
  std::vector<double> style_blend;  ///< Empty: equal shares.
};

/// Thread-compatible.
class ComparisonInputs {
 public:
  /// Reads what is given. Lifetime: of `files`.
  /// Errors: InvalidArgument (the flag, the file, what is wrong).
  static absl::StatusOr<ComparisonInputs> Make(const GivenInputs& given,
                                               InputFiles& files);

  /// The picture with what it is compared with, not measured yet. What is
  /// wrong with it is its `error`. Inputs that its metadata names are looked
  /// for in its folder, as FileFinder does.
  ComparedPicture Read(const std::string& path);

 private:
  explicit ComparisonInputs(InputFiles& files) : files_(&files) {}

  struct Sides {
    int width_px = 0;
    int height_px = 0;
  };

  absl::StatusOr<ComparedInput> ReadGiven(absl::string_view flag,
                                          const std::string& path);
  absl::Status ReadPicture(ComparedPicture& picture);
  // What the metadata names and is at hand; notes of what is not.
  void FindRecorded(const std::string& bytes, ComparedPicture& picture);
  void NoteStretching(ComparedPicture& picture);

  InputFiles* files_;
  std::optional<ComparedInput> content_;
  std::vector<ComparedInput> styles_;
  FileFinder finder_;
  std::map<std::string, Sides> sides_;  // Of contents, by path.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_COMPARISON_H_
