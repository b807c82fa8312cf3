// Every line that a command prints with --json is what docs/json.md says.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/cli/whole_services_testing.h"
#include "client/lib/prepare.h"
#include "common/cli/command_help.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/render/losses.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/builtin.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ContainerEq;

constexpr char kDocument[] = ATELIER_SOURCE_DIR "/docs/json.md";
constexpr char kSchema[] = ATELIER_SOURCE_DIR "/docs/schema/cli.schema.json";

// Validates each [command, kind, line]; prints what is wrong.
constexpr char kValidate[] = R"(
import json, jsonschema, sys
schema = json.load(open(sys.argv[2]))
jsonschema.Draft202012Validator.check_schema(schema)
for command, kind, line in json.load(open(sys.argv[1])):
    if kind not in schema["$defs"]:
        print(command, "prints", kind, "which is not among $defs")
        continue
    validator = jsonschema.Draft202012Validator(
        dict(schema, **{"$ref": "#/$defs/" + kind}))
    for error in validator.iter_errors(json.loads(line)):
        print(command, kind, error.json_path, error.message[:300])
)";

// Kinds by command, "atelier jobs".
using Kinds = std::map<std::string, std::set<std::string>>;

Kinds KindsByDocument() {
  Kinds kinds;
  std::ifstream document(kDocument);
  for (std::string line; std::getline(document, line);) {
    if (!absl::StartsWith(line, "| `atelier ")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    std::set<std::string>& of_command =
        kinds[std::string(absl::StripSuffix(cells[0].substr(3), "`"))];
    for (absl::string_view kind : absl::StrSplit(cells[1], ", ")) {
      of_command.emplace(kind.substr(1, kind.size() - 2));
    }
  }
  return kinds;
}

void AddCommandsWithJson(const CommandHelp& command, const std::string& path,
                         std::set<std::string>& commands) {
  for (const OptionHelp& option : command.options) {
    if (option.names.front() == "--json") commands.insert(path);
  }
  for (const CommandHelp& below : command.commands) {
    AddCommandsWithJson(below, absl::StrCat(path, " ", below.name), commands);
  }
}

class NoCluster : public Cluster {
 public:
  const std::string& coordinator() const override { return address_; }
  const std::string& http() const override { return address_; }

 private:
  const std::string address_ = "127.0.0.1:1";
};

class JsonSchemaTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("json_schema_test").ok());
  }

  JsonSchemaTest() {
    const std::string png = Png();
    content_ = folder_.File("content.png");
    EXPECT_TRUE(WriteFile(content_, png, Durability::kAtomic).ok());
    const std::string cached = folder_.File("tiny.safetensors");
    const std::string bytes(BuiltinNetworkBytes());
    EXPECT_TRUE(WriteFile(cached, bytes, Durability::kAtomic).ok());
    digest_ = HexDigest(bytes);
    entry_ = {"tiny",
              "tiny.safetensors",
              "http://127.0.0.1:1/",
              static_cast<int64_t>(bytes.size()),
              digest_,
              "Apache-2.0",
              "imagenet-unit-rgb"};
    SetTask(png);
  }

  static std::string Png() {
    return Encode({8, 6, std::vector<float>(3 * 8 * 6, 0.5F)}, "png").value();
  }

  // The one task of every job, with all that a result has.
  void SetTask(const std::string& png) {
    JobDraft draft;
    draft.base.patch.content_digest = content_;
    draft.base.patch.style_digests = {content_};
    draft.base.patch.size_px = 64;
    const PreparedJob prepared = Prepare(draft).value();
    PictureSizes sizes;
    for (const v1::ImageDescription& image : prepared.spec.images()) {
      sizes[image.digest()] = {image.width_px(), image.height_px()};
    }
    v1::Task task;
    *task.mutable_render() =
        ToProto(Resolve(FromProto(prepared.spec.base()).value(),
                        FromProto(prepared.spec.networks(0)).value(), {}, sizes)
                    .value());
    task.add_labels("1");
    task.set_state(v1::TASK_STATE_SUCCEEDED);
    task.set_attempts(1);
    task.set_outcome(v1::OUTCOME_LOST);
    v1::TaskResult& result = *task.mutable_result();
    result.set_image_digest(artifacts_.Add(png));
    result.set_worker("w");
    result.mutable_timings()->mutable_inputs()->set_seconds(1);
    *result.mutable_losses() =
        ToProto(Losses{{{"content", 1}, {"total_variation", 2}}, 3});
    jobs_.SetTasks({task});
    v1::Attempt attempt;
    attempt.set_number(1);
    attempt.mutable_began_at()->set_seconds(1);
    attempt.mutable_ended_at()->set_seconds(2);
    attempt.set_outcome(v1::OUTCOME_SUCCEEDED);
    attempt.set_log_digest(artifacts_.Add("began\n"));
    v1::Attempt older = attempt;
    older.clear_began_at();
    jobs_.SetAttempts({older, attempt});
    v1::TaskPreview known;
    known.mutable_device_time()->set_seconds(3);
    jobs_.SetPreview({known}, 1);
  }

  // Runs the command, keeps its lines as `kinds`, and returns the first one.
  nlohmann::json Lines(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& kinds) {
    std::ostringstream out;
    std::ostringstream err;
    Interruption interruption;
    Environment environment =
        EnvironmentOver(server_, out, err, interruption, clock_, /*columns=*/0);
    environment.coordinator_variable = "127.0.0.1:1";
    environment.catalogue = absl::MakeConstSpan(&entry_, 1);
    environment.start_cluster = [](const LocalClusterOptions&)
        -> absl::StatusOr<std::unique_ptr<Cluster>> {
      return std::make_unique<NoCluster>();
    };
    environment.make_login_link = [](const LoginLinkRequest&, StopSignal&) {
      return "http://127.0.0.1:7071/#login=0";
    };
    environment.token_variables.token = "atl_test";
    environment.run_worker_measure = [](const std::string&, int pictures,
                                        const WorkerMeasureOptions&)
        -> absl::StatusOr<std::vector<std::string>> {
      const std::string line = absl::StrCat(
          R"({"image": "", "measures": {"mean_wavelength": 3}, "measured_by": )"
          R"({"weights_digest": ")",
          std::string(64, 'a'),
          R"(", "size_px": 256, "pooling": "avg", "preprocessing": "p", )"
          R"("version": 1}})");
      return std::vector<std::string>(static_cast<size_t>(pictures), line);
    };
    // What runs until Ctrl-C.
    if (arguments[0] == "up") {
      interruption.Interrupt(absl::CancelledError("interrupted"));
    }
    std::vector<std::string> all = arguments;
    all.emplace_back("--json");
    EXPECT_EQ(RunAtelier(all, environment), 0)
        << absl::StrJoin(all, " ") << "\n"
        << err.str();
    std::vector<std::string> lines =
        absl::StrSplit(out.str(), '\n', absl::SkipEmpty());
    EXPECT_EQ(lines.size(), kinds.size()) << absl::StrJoin(all, " ") << "\n"
                                          << out.str();
    const std::string command = CommandOf(arguments);
    for (size_t i = 0; i < std::min(lines.size(), kinds.size()); ++i) {
      printed_[command].insert(kinds[i]);
      checked_.push_back({command, kinds[i], lines[i]});
    }
    return lines.empty() ? nlohmann::json() : nlohmann::json::parse(lines[0]);
  }

  // "atelier weights list", of the longest command that the help knows.
  std::string CommandOf(const std::vector<std::string>& arguments) {
    const std::string two =
        absl::StrCat("atelier ", arguments[0], " ",
                     arguments.size() > 1 ? arguments[1] : "");
    return Commands().count(two) > 0 ? two
                                     : absl::StrCat("atelier ", arguments[0]);
  }

  const std::set<std::string>& Commands() {
    if (commands_.empty()) {
      std::ostringstream out;
      Interruption interruption;
      Environment environment = EnvironmentOver(server_, out, out, interruption,
                                                clock_, /*columns=*/0);
      AddCommandsWithJson(AtelierHelp(environment), "atelier", commands_);
    }
    return commands_;
  }

  void RunWhatMakesPictures();
  void RunTheOthers(const std::string& job);
  std::string Problems();

  const TempFolder folder_;
  std::string content_;
  std::string digest_;
  CatalogueEntry entry_;
  WholeJobs jobs_;
  CollectingArtifacts artifacts_;
  WholeAccess access_;
  WholeWorkers workers_;
  WholeRatings ratings_;
  InProcessServer server_{&jobs_, &artifacts_, &access_, &workers_, &ratings_};
  FakeClock clock_{absl::UnixEpoch()};
  std::set<std::string> commands_;
  Kinds printed_;
  std::vector<std::vector<std::string>> checked_;
  std::string job_;
};

void JsonSchemaTest::RunWhatMakesPictures() {
  const std::vector<std::string> pictures = {"--content", content_, "--style",
                                             content_};
  const auto with = [&](std::vector<std::string> words,
                        const std::vector<std::string>& more) {
    words.insert(words.end(), pictures.begin(), pictures.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::string spec = folder_.File("spec.yaml");
  ASSERT_TRUE(WriteFile(spec,
                        absl::StrCat("base: {content: ", content_, ", style: ",
                                     content_, "}\naxes: {seed: [1]}\n"),
                        Durability::kAtomic)
                  .ok());
  job_ = Lines({"submit", spec}, {"job"})["job_id"];
  Lines({"submit", spec, "--wait"}, {"job"});
  Lines({"submit", spec, "--wait", "--output", folder_.File("submit")},
        {"fetched_job"});
  Lines({"submit", spec, "--dry-run"}, {"dry_run"});
  Lines(with({"sweep"}, {"--seed", "1"}), {"job"});
  Lines(with({"sweep"},
             {"--seed", "1", "--wait", "--output", folder_.File("sweep")}),
        {"fetched_job"});
  Lines(with({"sweep"}, {"--seed", "1", "--dry-run"}), {"dry_run"});
  Lines({"extend", job_, "--seed", "2"}, {"job"});
  Lines({"extend", job_, "--seed", "2", "--wait", "--output",
         folder_.File("extend")},
        {"fetched_job"});
  Lines({"extend", job_, "--seed", "2", "--dry-run"}, {"dry_run"});
  Lines(with({"study", "style-weight"}, {"--output", folder_.File("study")}),
        {"fetched_job"});
  Lines(with({"study", "style-weight"}, {"--dry-run"}), {"dry_run"});
  Lines({"study", "--list"}, {"studies"});
  Lines({"study", "--show", "style-weight"}, {"study"});
  Lines(with({"render"}, {"--output", folder_.File("r.png")}),
        {"rendered_task"});
  Lines(with({"render"}, {"--output", folder_.File("r.png"), "--timings"}),
        {"rendered_task"});
  Lines({"fetch", job_, "--output", folder_.File("fetch")}, {"fetched_job"});
  Lines({"rerun", folder_.File("fetch") + "/results.json", "--content",
         content_, "--style", content_},
        {"rerun_task"});
}

void JsonSchemaTest::RunTheOthers(const std::string& job) {
  Lines({"compare", content_, content_}, {"comparison"});
  Lines({"jobs"}, {"jobs"});
  Lines({"show", job}, {"job_with_tasks"});
  Lines({"show", job, "0"}, {"task"});
  Lines({"log", job, "0"}, {"log"});
  Lines({"watch", job}, {"snapshot", "snapshot"});
  Lines({"workers"}, {"workers"});
  Lines({"weights", "list", "--cache", folder_.path()}, {"weights"});
  Lines({"weights", "inspect", "atelier-vgg19-slim"}, {"weight_file"});
  Lines({"weights", "fetch", "tiny", "--cache", folder_.path()},
        {"fetched_weights"});
  for (const char* command : {"retry", "delete", "pause", "resume", "cancel"}) {
    Lines({command, job}, {"job"});
  }
  Lines({"priority", job, "3"}, {"job"});
  Lines({"drain", "w"}, {"worker"});
  Lines({"release", "w"}, {"worker"});
  Lines({"gc"}, {"garbage"});
  Lines({"token", "create", "--role", "work"}, {"new_token"});
  Lines({"token", "list"}, {"tokens"});
  Lines({"token", "revoke", "0a1b2c3d4e5f"}, {"token"});
  Lines({"quota", "set", "--user", "anna", "--max-running", "3"}, {"quota"});
  Lines({"quota", "list"}, {"quotas"});
  Lines({"rate", job, "7", "--stars", "4"}, {"ratings"});
  Lines({"rate", job, "--worst", "1", "--of", "1,2"}, {"ratings"});
  Lines({"audit"}, {"audit"});
  Lines({"login-link"}, {"login_link"});
  Lines({"up"}, {"cluster"});
}

std::string JsonSchemaTest::Problems() {
  const std::string lines = folder_.File("lines.json");
  const std::string script = folder_.File("validate.py");
  const std::string problems = folder_.File("problems");
  EXPECT_TRUE(
      WriteFile(lines, nlohmann::json(checked_).dump(), Durability::kAtomic)
          .ok());
  EXPECT_TRUE(WriteFile(script, kValidate, Durability::kAtomic).ok());
  EXPECT_EQ(std::system(absl::StrCat("python3 ", script, " ", lines, " ",
                                     kSchema, " >", problems, " 2>&1")
                            .c_str()),
            0);
  return ReadFile(problems, 1 << 20).value_or("cannot be read");
}

TEST_F(JsonSchemaTest, EveryLineOfEveryCommandIsAsDocumented) {
  ASSERT_NO_FATAL_FAILURE(RunWhatMakesPictures());
  RunTheOthers(job_);
  // Each command that has --json prints just what the document says.
  Kinds documented = KindsByDocument();
  EXPECT_THAT(printed_, ContainerEq(documented));
  std::set<std::string> in_document;
  for (const auto& [command, kinds] : documented) in_document.insert(command);
  EXPECT_THAT(Commands(), ContainerEq(in_document));

  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "NOT TESTED: the lines against " << kSchema
                 << ", as python3-jsonschema is not installed "
                    "(deploy/install-packages test)";
  }
  EXPECT_EQ(Problems(), "");
  // That a key too many, or too few, is a problem is not taken for granted.
  nlohmann::json garbage = nlohmann::json::parse(checked_.back()[2]);
  garbage["more"] = 1;
  checked_ = {{"test", "cluster", garbage.dump()}, {"test", "job", "{}"}};
  const std::string problems = Problems();
  EXPECT_THAT(problems, testing::HasSubstr("'more' was unexpected"));
  EXPECT_THAT(problems, testing::HasSubstr("'job_id' is a required property"));
}

}  // namespace
}  // namespace atelier
