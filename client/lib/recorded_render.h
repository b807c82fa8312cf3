// A render as its PNG or a results.json records it.
//
//   ASSIGN_OR_RETURN(const RecordedRender record,
//                    ReadRecorded("out/results.json", "3"));
#ifndef ATELIER_CLIENT_LIB_RECORDED_RENDER_H_
#define ATELIER_CLIENT_LIB_RECORDED_RENDER_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/spec.h"
#include "common/render/losses.h"
#include "common/render/params.h"

namespace atelier {

struct RecordedRender {
  /// What people call the result: the picture, or the task of a document.
  std::string name;
  /// A picture's name without folders and extension, for what is made of it.
  std::string stem;
  std::string description;  ///< As DescribeRender.
  RenderPatch patch;        ///< As PatchOfDescription.
  /// SHA-256 of the picture; empty where the task has no result.
  std::string image_digest;
  /// What is known of its inputs, and perhaps of others.
  v1::JobSpec inputs;
  // Of its result; absent, empty and 0 where they are not recorded.
  std::optional<Losses> losses;
  std::string profile;
  int engine_version = 0;
};

/// Reads a PNG, or a results.json (that is what begins with "{"). `task`: the
/// index or the labels, joined by commas, of a task of the document; empty
/// where there is one task. What a results.json beside a PNG says of it is
/// used.
/// Errors: InvalidArgument (the file, and the field or the task): no PNG that
///         Atelier made, damaged JSON, another format or version, a parameter
///         out of range, no such task, a task for a PNG; as the file system
///         says.
absl::StatusOr<RecordedRender> ReadRecorded(const std::string& path,
                                            const std::string& task);

/// Of a PNG, what its metadata says and no more. Errors: as ReadRecorded.
absl::StatusOr<RecordedRender> ReadRecordedPicture(const std::string& path,
                                                   const std::string& bytes);

/// Adds what a results.json beside the picture says of it: losses, profile and
/// names. One that is not there, or can't be read, says nothing.
void AddDocumentBeside(const std::string& path, RecordedRender& record);

/// Whether the file begins as a results.json does.
bool IsResultsDocument(const std::string& path);

/// The job that a results.json is of, from its `job.spec`. Files are looked for
/// in its folder. Errors: InvalidArgument.
absl::StatusOr<JobDraft> ReadSpecOfResults(const std::string& path);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_RECORDED_RENDER_H_
