// What this worker runs, what it has finished, and what to say about both.
//
//            Learn(start)          Finish              Learn(acknowledged)
//   unknown ------------> running --------> unreported ------------------>
//   unknown
//                           |  ^ Learn(stop): the render is told to stop
//                           |    HandBack: reported as preempted at once
//                           +-> unknown, when it ends after Learn(stop)
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_BOOK_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_BOOK_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "atelier/v1/workers.pb.h"

namespace atelier {

/// An attempt's token, as a key.
using AttemptId = std::tuple<std::string, int64_t, int64_t>;

AttemptId IdOf(const v1::AttemptToken& token);
/// "1f3a9c… 2.1": for logs.
std::string ShortName(const v1::AttemptToken& token);
/// Whether it can name an attempt: all else is no coordinator's.
bool IsToken(const v1::AttemptToken& token);

/// The agent's decisions, without threads, clock or network.
/// Thread-compatible.
class AttemptBook {
 public:
  explicit AttemptBook(int slots) : slots_(slots) {}

  /// What an answer of the coordinator asks for.
  struct Orders {
    std::vector<v1::Assignment> start;   ///< Never more than free slots.
    std::vector<v1::AttemptToken> stop;  ///< Running ones, each named once.
    /// Reports that the coordinator has answered.
    std::vector<v1::AttemptToken> forget;
    bool handed_back = false;  ///< Some start was not taken: report it.
  };
  /// A start that is known already is one whose answer was lost: it is not
  /// started twice. A start without a free slot, or after Drain, is handed back
  /// as preempted.
  Orders Learn(const v1::SynchronizeResponse& response);

  /// A report that an earlier process could not deliver.
  void AddUnreported(v1::AttemptReport report);
  /// Nobody wants it.
  void DropReport(const v1::AttemptToken& token);
  /// Reports as preempted what an answer starts in an earlier process.
  void HandBackStarts(const v1::SynchronizeResponse& response);
  /// No effect on an attempt that is not running.
  void SetProgress(const v1::AttemptProgress& progress);
  /// The attempt ended. Returns whether a report of it is to be delivered: not
  /// so when the coordinator said to stop it. Once handed back, it stays so.
  bool Finish(v1::AttemptReport report);
  /// Reports as preempted whatever still runs, with the last checkpoint it
  /// told of. Returns these reports.
  std::vector<v1::AttemptReport> HandBack();
  /// Take nothing new from now on.
  void Drain() { draining_ = true; }

  /// Fills running, finished and draining. Of the reports at most so many, by
  /// their tokens; attempts of the others are listed as running, as far as a
  /// call holds them, so that they keep their leases.
  void Describe(v1::SynchronizeRequest* request, int most_reports) const;
  int unreported() const { return static_cast<int>(unreported_.size()); }
  bool draining() const { return draining_; }
  int running() const { return static_cast<int>(running_.size()); }

 private:
  struct Attempt {
    v1::AttemptProgress progress;
    bool stopping = false;
  };

  void Start(const v1::Assignment& assignment, Orders* orders);

  const int slots_;
  bool draining_ = false;
  std::map<AttemptId, Attempt> running_;
  std::map<AttemptId, v1::AttemptReport> unreported_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_BOOK_H_
