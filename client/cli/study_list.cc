#include "client/cli/study_list.h"

#include <cstdint>
#include <ostream>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/cli/json.h"
#include "client/cli/session.h"
#include "client/cli/table.h"
#include "client/lib/points.h"
#include "client/lib/spec.h"
#include "client/studies/studies.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct ListedStudy {
  std::string name;
  int64_t task_count = 0;
  std::string question;
};

absl::StatusOr<ListedStudy> Describe(absl::string_view name) {
  ListedStudy study;
  ASSIGN_OR_RETURN(study.question, StudyQuestion(name));
  ASSIGN_OR_RETURN(const JobDraft job, Study(name));
  study.name = job.study;
  study.task_count = CountPoints(job);
  return study;
}

JsonObject ObjectOf(const ListedStudy& study) {
  return JsonObject()
      .Add("name", study.name)
      .Add("task_count", study.task_count)
      .Add("question", study.question);
}

}  // namespace

absl::Status ListStudies(Session& session) {
  std::vector<JsonObject> objects;
  Table table({"STUDY", "TASKS", "QUESTION"});
  for (absl::string_view name : StudyNames()) {
    ASSIGN_OR_RETURN(const ListedStudy study, Describe(name));
    objects.push_back(ObjectOf(study));
    table.Add({study.name, absl::StrCat(study.task_count), study.question});
  }
  session.out() << (session.flags.json
                        ? JsonObject().Add("studies", objects).Line()
                        : table.TakeText())
                << std::flush;
  return absl::OkStatus();
}

absl::Status ShowStudy(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const absl::string_view spec, StudySpec(name));
  if (!session.flags.json) {
    session.out() << spec << std::flush;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const ListedStudy study, Describe(name));
  session.out() << ObjectOf(study).Add("spec", spec).Line() << std::flush;
  return absl::OkStatus();
}

}  // namespace atelier
