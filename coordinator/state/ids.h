// Names that can't be mixed up: each kind of id is a type of its own.
#ifndef ATELIER_COORDINATOR_STATE_IDS_H_
#define ATELIER_COORDINATOR_STATE_IDS_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

namespace atelier {

/// A string that names one kind of thing. Compares and orders by its bytes.
template <typename Kind>
class StringId {
 public:
  StringId() = default;
  explicit StringId(std::string value) : value_(std::move(value)) {}

  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const StringId& a, const StringId& b) {
    return a.value_ == b.value_;
  }
  friend bool operator!=(const StringId& a, const StringId& b) {
    return !(a == b);
  }
  friend bool operator<(const StringId& a, const StringId& b) {
    return a.value_ < b.value_;
  }

 private:
  std::string value_;
};

/// Made by the coordinator, one for each job.
using JobId = StringId<struct JobIdKind>;
/// Made by the client, one for each job it means to submit.
using RequestId = StringId<struct RequestIdKind>;
/// Chosen by the operator, unique among live workers.
using WorkerName = StringId<struct WorkerNameKind>;
/// Made by a worker, one for each start of its process.
using InstanceId = StringId<struct InstanceIdKind>;
/// SHA-256 of a render's canonical description (canonical.h).
using RenderKey = StringId<struct RenderKeyKind>;

/// As RenderKey, of the render without its number of iterations (canonical.h).
using ResumeKey = StringId<struct ResumeKeyKind>;

/// A task: the index-th point of a job.
struct TaskId {
  JobId job;
  int64_t index = 0;

  friend bool operator==(const TaskId& a, const TaskId& b) {
    return a.index == b.index && a.job == b.job;
  }
  friend bool operator<(const TaskId& a, const TaskId& b) {
    return std::tie(a.job, a.index) < std::tie(b.job, b.index);
  }
};

/// Names one attempt for good: the fencing token. `number` is not used twice in
/// an epoch, and an epoch is not used twice by a store. Whoever has it may end
/// the attempt, so that it can't be guessed.
struct AttemptToken {
  RenderKey render_key;
  int64_t number = 0;
  int64_t epoch = 0;
  /// 128 random bits, in no log and no list; empty where a coordinator granted
  /// it that had none yet.
  std::string secret = {};

  friend bool operator==(const AttemptToken& a, const AttemptToken& b) {
    return a.number == b.number && a.epoch == b.epoch &&
           a.render_key == b.render_key && a.secret == b.secret;
  }
  friend bool operator!=(const AttemptToken& a, const AttemptToken& b) {
    return !(a == b);
  }
  friend bool operator<(const AttemptToken& a, const AttemptToken& b) {
    return std::tie(a.epoch, a.number, a.render_key, a.secret) <
           std::tie(b.epoch, b.number, b.render_key, b.secret);
  }
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_IDS_H_
