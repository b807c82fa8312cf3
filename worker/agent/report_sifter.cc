#include "worker/agent/report_sifter.h"

namespace atelier {

int ReportSifter::most_reports() const {
  switch (state_) {
    case State::kTogether:
      return kMostTogether;
    case State::kWorkerAlone:
      return 0;
    case State::kOneByOne:
      break;
  }
  return 1;
}

ReportSifter::Verdict ReportSifter::Refused(int reports) {
  if (reports == 0) return Verdict::kWorkerIsBad;
  if (state_ == State::kOneByOne) return Verdict::kReportIsBad;
  state_ = State::kWorkerAlone;
  return Verdict::kTryAgain;
}

void ReportSifter::Answered(int left) {
  if (state_ == State::kWorkerAlone) state_ = State::kOneByOne;
  if (left == 0) state_ = State::kTogether;
}

}  // namespace atelier
