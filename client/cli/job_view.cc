#include "client/cli/job_view.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/lib/outlook.h"
#include "client/lib/state_names.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr absl::Duration kReadInterval = absl::Seconds(1);

// Of each task, without asking: a task is a function of its index. Empty where
// this client is too old to know how.
std::vector<std::vector<std::string>> LabelsOf(const v1::Job& job) {
  std::vector<std::vector<std::string>> labels(job.task_count());
  const absl::StatusOr<Outlook> outlook = LookAheadAlone(job.spec());
  if (!outlook.ok() || outlook->task_count != job.task_count()) return labels;
  for (const v1::TaskPreview& task : outlook->tasks) {
    labels[task.index()].assign(task.labels().begin(), task.labels().end());
  }
  return labels;
}

// One block of a row that has no labels.
TaskGrid Unlabelled(size_t tasks) {
  TaskGrid grid;
  std::vector<TaskGrid::Cell>& cells =
      grid.blocks.emplace_back().rows.emplace_back().cells;
  for (size_t i = 0; i < tasks; ++i) {
    cells.push_back({i, absl::StrCat("task ", i)});
  }
  return grid;
}

// "night-sweep: failed; 58 of 60 tasks succeeded, 2 failed, in 3m20s"
std::string VerdictOf(const v1::Job& job) {
  const v1::TaskCounts& tasks = job.tasks();
  std::string text =
      absl::StrCat(ClippedText(job.spec().name(), kMaxQuotedBytes), ": ",
                   StateName(job.state()));
  if (job.state() == v1::JOB_STATE_SUCCEEDED) {
    absl::StrAppend(&text, "; ", job.task_count(), " tasks");
  } else {
    absl::StrAppend(&text, "; ", tasks.succeeded(), " of ", job.task_count(),
                    " tasks succeeded, ");
    absl::StrAppend(&text, tasks.failed(), " failed, ", tasks.cancelled(),
                    " cancelled");
  }
  if (!job.has_submitted_at() || !job.has_ended_at()) return text;
  const absl::Duration took = absl::Seconds(job.ended_at().seconds()) -
                              absl::Seconds(job.submitted_at().seconds());
  return absl::StrCat(
      text, ", in ",
      absl::FormatDuration(std::max(took, absl::ZeroDuration())));
}

}  // namespace

struct JobView::Grid {
  Grid(const v1::Job& job, const JobViewOptions& options)
      : spec(job.spec()),
        states(spec, options.by, static_cast<size_t>(job.task_count())) {
    const std::vector<std::vector<std::string>> labels = LabelsOf(job);
    const bool are_labelled = std::all_of(
        labels.begin(), labels.end(),
        [this](const std::vector<std::string>& of_task) {
          return static_cast<int>(of_task.size()) == spec.axes_size();
        });
    if (!are_labelled || spec.axes_size() == 0) {
      grid = Unlabelled(labels.size());
      return;
    }
    const bool fits = CheckGridOptions(spec, options.grid).ok();
    grid = LayOutTasks(spec, labels, fits ? options.grid : GridOptions());
  }

  std::string NameOf(std::optional<int> axis) const {
    if (axis.has_value()) return spec.axes(*axis).name();
    return "";
  }

  const v1::JobSpec spec;
  TaskGrid grid;
  TaskStates states;
};

JobView::JobView(std::ostream& err, Clock& clock, const Terminal& terminal,
                 ReadTasks read_tasks, JobViewOptions options)
    : clock_(clock),
      terminal_(terminal),
      read_tasks_(std::move(read_tasks)),
      options_(std::move(options)),
      screen_(err) {}

JobView::~JobView() = default;

std::unique_ptr<JobView::Grid> JobView::GridOf(const v1::Job& job,
                                               const JobViewOptions& options) {
  const bool is_drawn =
      job.task_count() >= 2 && job.task_count() <= kMostDrawnTasks;
  return is_drawn ? std::make_unique<Grid>(job, options) : nullptr;
}

void JobView::Show(const v1::JobSnapshot& snapshot) {
  absl::MutexLock lock(&mutex_);
  if (!has_snapshot_) grid_ = GridOf(snapshot.job(), options_);
  has_snapshot_ = true;
  snapshot_ = snapshot;
  speed_.Apply(snapshot, clock_.Now());
  if (grid_ != nullptr) grid_->states.Apply(snapshot);
}

std::optional<TaskPage> JobView::PageToRead() {
  if (grid_ == nullptr) return std::nullopt;
  return grid_->states.NextPage();
}

void JobView::Read(const TaskPage& page) {
  const absl::StatusOr<v1::ListTasksResponse> read = read_tasks_(page);
  absl::MutexLock lock(&mutex_);
  // What fails is asked for again; the watch says what is wrong.
  grid_->states.Apply(page, read.ok() ? *read : v1::ListTasksResponse());
}

GridPicture JobView::PictureOf(const Grid& grid, bool has_ended) {
  const v1::Job& job = snapshot_.job();
  GridPicture picture{grid.grid};
  picture.row_axis = grid.NameOf(grid.grid.row_axis);
  picture.column_axis = grid.NameOf(grid.grid.column_axis);
  picture.tasks = grid.states.cells();
  picture.best = grid.states.best().index();
  picture.best_text = grid.states.best().Text();
  picture.counts = grid.states.Counts();
  if (has_ended) {
    picture.verdict = VerdictOf(job);
  } else {
    picture.speed = speed_.Text(clock_.Now());
  }
  return picture;
}

GridDrawing JobView::Drawing(const TerminalLook& look, bool has_ended) {
  static const auto& no_grid = *new TaskGrid();
  GridPicture picture =
      grid_ == nullptr ? GridPicture{no_grid} : PictureOf(*grid_, has_ended);
  picture.name = snapshot_.job().spec().name();
  picture.fraction = FractionDone(snapshot_);
  picture.progress =
      ProgressText(snapshot_, time_left_.At(picture.fraction, clock_.Now()),
                   WaitText(snapshot_.job(), options_.own_workers));
  return DrawGrid(picture, look);
}

bool JobView::Draw(bool has_ended) {
  const TerminalSize size = terminal_.size();
  if (size.columns <= 0) return false;
  const TerminalLook look = {size.columns, size.rows, terminal_.takes_colors,
                             terminal_.is_utf8};
  GridDrawing drawing;
  {
    absl::MutexLock lock(&mutex_);
    if (!has_snapshot_) return false;
    drawing = Drawing(look, has_ended);
  }
  screen_.Draw(drawing.lines, look);
  return drawing.step != GridStep::kLine;
}

void JobView::Tick() {
  std::optional<TaskPage> page;
  {
    absl::MutexLock lock(&mutex_);
    if (clock_.Now() - read_at_ >= kReadInterval) page = PageToRead();
    if (page.has_value()) read_at_ = clock_.Now();
  }
  if (page.has_value()) Read(*page);
  Draw(/*has_ended=*/false);
}

void JobView::Finish(bool has_ended) {
  // A coordinator may answer with nothing, for ever.
  constexpr int kMostPages =
      2 * static_cast<int>(kMostDrawnTasks) / TaskStates::kMostInPage;
  for (int i = 0; has_ended && i < kMostPages; ++i) {
    std::optional<TaskPage> page;
    {
      absl::MutexLock lock(&mutex_);
      page = PageToRead();
    }
    if (!page.has_value()) break;
    Read(*page);
  }
  if (Draw(has_ended)) {
    screen_.Leave();
  } else {
    screen_.Clear();
  }
}

}  // namespace atelier
