// Parts of a task as JSON, alike in what --json prints and in results.json.
#ifndef ATELIER_CLIENT_LIB_TASK_JSON_H_
#define ATELIER_CLIENT_LIB_TASK_JSON_H_

#include "client/lib/json_text.h"

namespace google {
namespace protobuf {
class Duration;
}  // namespace protobuf
}  // namespace google

namespace atelier {

class InputNames;
namespace v1 {
class Task;
class TaskResult;
}  // namespace v1

double SecondsOf(const google::protobuf::Duration& duration);

/// Every parameter of the task's render, as a flag takes it; files by name.
/// REQUIRES: `names` are at the task.
JsonObject ParametersOf(const v1::Task& task, const InputNames& names);

/// Its measures by name; those that have no value are not there.
JsonObject MeasuresJson(const v1::Task& task);

/// The phases of its attempt, in seconds.
JsonObject TimingsOf(const v1::TaskResult& result);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_TASK_JSON_H_
