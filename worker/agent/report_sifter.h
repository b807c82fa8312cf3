// Which reports the next call carries, so that one that the coordinator refuses
// for good neither ends the worker nor holds up the others.
//
//   ReportSifter sifter;
//   book.Describe(&request, sifter.most_reports());
//   // The call: sifter.Answered(), or at INVALID_ARGUMENT
//   switch (sifter.Refused(request.finished_size())) ...
//
//             Refused              Answered           Answered, none left
//   together ---------> worker alone -----> one by one ------------------>
//   together                                    |  ^ Refused: that report is
//                                               +--+ bad and dropped
#ifndef ATELIER_WORKER_AGENT_REPORT_SIFTER_H_
#define ATELIER_WORKER_AGENT_REPORT_SIFTER_H_

namespace atelier {

/// Thread-compatible.
class ReportSifter {
 public:
  enum class Verdict {
    kWorkerIsBad,  ///< What it says of itself: no repeat can do better.
    kTryAgain,     ///< With most_reports().
    kReportIsBad,  ///< The one of this call: drop it.
  };

  /// Reports of one call: a bound on its size while there is no doubt.
  static constexpr int kMostTogether = 128;

  int most_reports() const;
  /// Whether the next call finds out, and is not to be held open.
  bool suspicious() const { return state_ != State::kTogether; }

  /// A call with so many reports was malformed, says the coordinator.
  Verdict Refused(int reports);
  /// A call was answered; so many reports are left.
  void Answered(int left);

 private:
  enum class State { kTogether, kWorkerAlone, kOneByOne };
  State state_ = State::kTogether;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_REPORT_SIFTER_H_
