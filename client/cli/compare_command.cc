#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/commands.h"
#include "client/cli/compare_output.h"
#include "client/cli/flags.h"
#include "client/cli/session.h"
#include "client/cli/status_line.h"
#include "client/lib/comparison.h"
#include "client/lib/comparison_run.h"
#include "client/lib/input_files.h"
#include "client/lib/measure_names.h"
#include "client/lib/spec.h"
#include "common/cli/command_line.h"
#include "common/quoted_text.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/params.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kCompareHelp[] =
    "  atelier compare out/*.png --sort ssim\n"
    "  atelier compare mine.jpg theirs.png --content A.jpg --style B.jpg\n"
    "  atelier compare a.png b.png --measure-size 512 --json\n"
    "\n"
    "What a picture of Atelier was made from is found by its digest, beside\n"
    "it; --content and --style go before that, and are for pictures from\n"
    "elsewhere. The best of each measure has a *. See docs/measures.md.\n";

// As atelier-worker measure takes.
constexpr size_t kMaxCompared = 10'000;
// Of the pictures that a line is about.
constexpr size_t kMostNamed = 3;
constexpr int kColumnsOfNoTerminal = 80;

struct CompareArguments {
  std::vector<std::string> images;
  std::string content;
  std::vector<std::string> styles;
  std::string style_blend;
  std::string sort;
  MeasureFlags measure;
};

// "B.jpg,C.jpg" is two files, unless one is called so.
absl::StatusOr<std::vector<std::string>> SplitStyles(
    const std::vector<std::string>& given) {
  std::vector<std::string> styles;
  for (const std::string& text : given) {
    std::error_code unknown;
    if (std::filesystem::exists(text, unknown)) {
      styles.push_back(text);
      continue;
    }
    for (absl::string_view style : absl::StrSplit(text, ',')) {
      if (style.empty()) {
        return InvalidArgument("--style: ", Quoted(text),
                               " has a name that is empty; a file, or several "
                               "with commas between them");
      }
      styles.emplace_back(style);
    }
  }
  return styles;
}

// "a.png", "a.png, b.png" or "a.png, b.png, c.png and 7 more".
std::string NamesText(const std::vector<std::string>& names) {
  const size_t shown = std::min(kMostNamed, names.size());
  const std::string text =
      absl::StrJoin(names.begin(), names.begin() + shown, ", ");
  return shown == names.size()
             ? text
             : absl::StrCat(text, " and ", names.size() - shown, " more");
}

// A line for each thing to say, whatever the number of pictures.
void WarnOfNotes(Session& session, const Comparison& comparison) {
  std::vector<std::pair<std::string, std::vector<std::string>>> lines;
  const auto add = [&](const std::string& note, const std::string& picture) {
    auto line = std::find_if(lines.begin(), lines.end(), [&](const auto& one) {
      return one.first == note;
    });
    if (line == lines.end()) line = lines.insert(line, {note, {}});
    line->second.push_back(picture);
  };
  for (const ComparedPicture& picture : comparison.pictures) {
    if (!picture.error.empty()) continue;
    for (const std::string& note : picture.notes) add(note, picture.path);
    const bool has_nothing = picture.notes.empty() && picture.styles.empty() &&
                             !picture.content.has_value();
    if (!has_nothing) continue;
    add("its metadata names nothing to compare it with, so that only "
        "mean_wavelength is measured; --content FILE and --style FILE give "
        "more",
        picture.path);
  }
  for (const auto& [note, pictures] : lines) {
    session.Warn(absl::StrCat(NamesText(pictures), ": ", note));
  }
}

// What is wrong with some pictures, once the others are printed.
absl::Status ErrorOfPictures(Session& session, const Comparison& comparison) {
  std::vector<std::string> errors;
  for (const ComparedPicture& picture : comparison.pictures) {
    if (!picture.error.empty()) errors.push_back(picture.error);
  }
  if (errors.empty()) return absl::OkStatus();
  if (errors.size() == 1) return InvalidArgument("image: ", errors[0]);
  for (const std::string& error : errors) {
    session.Warn(absl::StrCat("image: ", error));
  }
  return InvalidArgument(
      errors.size(), " of ", comparison.pictures.size(),
      " pictures can't be measured",
      session.flags.quiet ? absl::StrCat("; the first: ", errors[0]) : "");
}

absl::StatusOr<GivenInputs> GivenBy(const CompareArguments& arguments) {
  if (arguments.images.size() > kMaxCompared) {
    return InvalidArgument("image: ", arguments.images.size(),
                           " given; at most ", kMaxCompared);
  }
  RETURN_IF_ERROR(CheckSort(arguments.sort));
  GivenInputs given;
  given.content = arguments.content;
  if (!arguments.style_blend.empty()) {
    RenderPatch patch;
    RETURN_IF_ERROR(ParseParameter(*FindParameter("style_blend"),
                                   arguments.style_blend, patch));
    given.style_blend = patch.style_blend.value_or(std::vector<double>());
  }
  ASSIGN_OR_RETURN(given.styles, SplitStyles(arguments.styles));
  return given;
}

absl::Status MeasureWithProgress(Session& session, const JobDraft& by,
                                 InputFiles& files, Comparison& comparison) {
  StatusLine line(session.environment().err, session.status_columns());
  WorkerMeasureOptions options;
  options.is_stopped = [&stop = session.environment().interruption.stop()] {
    return stop.stopped();
  };
  options.on_progress = [&](int done) {
    line.Show(absl::StrCat("measured ", done, " of ",
                           comparison.pictures.size(), " pictures"));
  };
  return MeasureAll(comparison, by.measure, files,
                    session.environment().run_worker_measure, options);
}

absl::Status Compare(Session& session, const CompareArguments& arguments) {
  ASSIGN_OR_RETURN(const GivenInputs given, GivenBy(arguments));
  JobDraft by;
  RETURN_IF_ERROR(arguments.measure.Apply(by));
  InputFiles files;
  ASSIGN_OR_RETURN(ComparisonInputs inputs,
                   ComparisonInputs::Make(given, files));
  Comparison comparison;
  for (const std::string& path : arguments.images) {
    comparison.pictures.push_back(inputs.Read(path));
  }
  RETURN_IF_ERROR(MeasureWithProgress(session, by, files, comparison));
  SortPictures(arguments.sort, comparison);
  WarnOfNotes(session, comparison);
  const bool is_any_measured = std::any_of(
      comparison.pictures.begin(), comparison.pictures.end(),
      [](const ComparedPicture& picture) { return picture.error.empty(); });
  if (session.flags.json) {
    session.out() << ToJson(comparison, arguments.sort).Line();
  } else if (is_any_measured) {
    const int columns = session.environment().terminal.columns();
    const ComparisonText text =
        TextOf(comparison, arguments.sort,
               columns > 0 ? columns : kColumnsOfNoTerminal);
    session.out() << text.table;
    if (!text.left_out.empty()) session.Tell(text.left_out);
  }
  session.out() << std::flush;
  return ErrorOfPictures(session, comparison);
}

std::vector<std::string> SortWords() {
  std::vector<std::string> words;
  for (const MeasureName& known : PictureMeasures()) {
    words.emplace_back(known.name);
  }
  return words;
}

}  // namespace

void AddCompareCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<CompareArguments>();
  Command& command =
      app.AddCommand("compare",
                     "Measure pictures, and print the measures side by side")
          .Group("Look");
  command
      .AddOption("images", arguments->images,
                 "Pictures, of Atelier or of others; several to compare them")
      .Type("FILE")
      .Required();
  command
      .AddOption("--content", arguments->content,
                 "What all are compared with; else each picture's own, by its "
                 "metadata")
      .Type("FILE");
  command
      .AddOption("--style", arguments->styles,
                 "The same of the style; several, as FILE,FILE too, for a "
                 "blend")
      .Type("FILE");
  command
      .AddOption("--style-blend", arguments->style_blend,
                 "Shares of the styles, in their order, each at least 0; equal "
                 "when not given")
      .Type("N,N");
  command
      .AddOption("--sort", arguments->sort,
                 "The best by this measure first: ssim, psnr, style_distance, "
                 "...; of mean_wavelength the shortest; else as given")
      .Type("MEASURE")
      .Suggest(SortWords());
  arguments->measure.AddTo(command);
  AddOutputFlags(command, session, kCompareHelp);
  command.SetAction(
      [&session, arguments] { return Compare(session, *arguments); });
}

}  // namespace atelier
