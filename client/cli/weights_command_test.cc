#include <unistd.h>

#include <filesystem>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/cli/app.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/weights/builtin.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/file_server.h"
#include "tests/testing/scoped_variable.h"

namespace atelier {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class WeightsCommandTest : public testing::Test {
 protected:
  WeightsCommandTest()
      : folder_(
            absl::StrCat(testing::TempDir(), "/weights-command-", getpid())) {
    std::filesystem::create_directories(folder_);
    entry_ = {
        "tiny",       "tiny-file.safetensors", url_, size_bytes(), digest_,
        "Apache-2.0", "imagenet-unit-rgb"};
  }
  ~WeightsCommandTest() override { std::filesystem::remove_all(folder_); }

  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    Environment environment{
        out_,
        err_,
        {},
        "",
        "",
        {},
        [](const Endpoint&, const TlsClientFiles&,
           const std::shared_ptr<TokenSource>&) { return nullptr; },
        [](const Endpoint&, const TlsClientFiles&, absl::Duration) {
          return absl::OkStatus();
        },
        [](const LocalClusterOptions&)
            -> absl::StatusOr<std::unique_ptr<Cluster>> {
          return absl::InternalError("no cluster in this test");
        },
        interruption_,
        clock_};
    environment.catalogue = absl::MakeConstSpan(&entry_, 1);
    return RunAtelier(std::move(arguments), environment);
  }

  int64_t size_bytes() const { return static_cast<int64_t>(bytes_.size()); }
  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }

  const WithoutProxies no_proxies_;
  const std::string bytes_{BuiltinNetworkBytes()};
  const std::string digest_ = HexDigest(bytes_);
  FileServer server_{bytes_, {}};
  const std::string url_ = server_.Url();
  const std::string folder_;
  CatalogueEntry entry_;
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST_F(WeightsCommandTest, FetchesIntoTheCacheWhereTheNameIsThenFound) {
  EXPECT_EQ(Run({"weights", "fetch", "tiny", "--cache", Path("new")}), 0)
      << err_.str();
  EXPECT_THAT(err_.str(), AllOf(HasSubstr(Path("new/tiny-file.safetensors")),
                                HasSubstr(digest_ + " as published")));
  LoadOptions options;
  options.cache_folder = Path("new");
  options.catalogue = absl::MakeConstSpan(&entry_, 1);
  const auto weights = LoadWeights("tiny", options);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(*weights->bytes, bytes_);
}

TEST_F(WeightsCommandTest, FetchesNothingTwice) {
  ASSERT_EQ(Run({"weights", "fetch", "tiny", "--cache", folder_}), 0);
  ASSERT_EQ(Run({"weights", "fetch", "tiny", "--cache", folder_, "--json"}), 0);
  EXPECT_EQ(server_.ranges().size(), 1);
  const Json json = Json::parse(out_.str());
  EXPECT_EQ(json["sha256"], digest_);
  EXPECT_EQ(json["size_bytes"], bytes_.size());
  ASSERT_TRUE(
      WriteFile(Path("tiny-file.safetensors"), "spoilt", Durability::kAtomic)
          .ok());
  EXPECT_EQ(Run({"weights", "fetch", "tiny", "--cache", folder_}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("delete it to fetch it again"));
}

TEST_F(WeightsCommandTest, SaysThatOnlyTheFirstDigitsArePublished) {
  const std::string begins = digest_.substr(0, 8);
  entry_.sha256 = begins;
  entry_.size_bytes = 0;
  EXPECT_EQ(Run({"weights", "fetch", "tiny", "--cache", folder_}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("first 8 digits are as published"));
  EXPECT_EQ(Run({"weights", "list", "--cache", folder_}), 0);
  EXPECT_THAT(out_.str(), HasSubstr(begins + "... (the rest is not"));
}

TEST_F(WeightsCommandTest, FetchesFromElsewhereIntoAFile) {
  entry_.url = "https://nowhere.invalid/x";
  EXPECT_EQ(Run({"weights", "fetch", "tiny", "--output", Path("here"), "--from",
                 server_.Url("/moved")}),
            0)
      << err_.str();
  EXPECT_EQ(HexDigestOfFile(Path("here")).value_or(""), digest_);
  EXPECT_EQ(Run({"weights", "fetch", "tiny", "--output", Path("here"), "--from",
                 server_.Url()}),
            2);
  EXPECT_THAT(err_.str(), HasSubstr("exists, and is not overwritten"));
}

TEST_F(WeightsCommandTest, OneLineForEachThingThatIsWrong) {
  entry_.sha256 = FindInCatalogue("vgg19")->sha256;
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  } kCases[] = {
      {{"weights"}, 2, "subcommand"},
      {{"weights", "fetch", "tinny"}, 2, "did you mean 'tiny'?"},
      {{"weights", "fetch", "tiny", "--cache", folder_}, 1, "is expected"},
      {{"weights", "fetch", "tiny", "--cache", folder_, "--from", "file:///x"},
       2,
       "http://HOST/PATH"},
      {{"weights", "fetch", "tiny", "--cache", folder_, "--from",
        "http://127.0.0.1:1/x"},
       3,
       "cannot reach http://127.0.0.1:1"},
      {{"weights", "inspect", "no-such-file"}, 2, "no-such-file"},
      {{"weights", "inspect", "/etc/hostname"}, 2, "neither a safetensors"},
      {{"weights", "inspect", "vgg19"}, 2, "atelier weights fetch vgg19"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_EQ(Run(c.arguments), c.code);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), StartsWith("atelier: "));
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1);
  }
}

TEST_F(WeightsCommandTest, ListsWhatIsBuiltInAndWhatCanBeFetched) {
  EXPECT_EQ(Run({"weights", "list", "--cache", folder_}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("built in"));
  EXPECT_EQ(Run({"weights", "list", "--cache", folder_, "--json"}), 0);
  const Json list = Json::parse(out_.str())["weights"];
  ASSERT_EQ(list.size(), 3);
  EXPECT_EQ(list[0]["name"], std::string(kBuiltinNetwork));
  EXPECT_EQ(list[0]["size_bytes"], BuiltinNetworkBytes().size());
  EXPECT_EQ(list[1]["name"], std::string(kSyntheticVgg19));
  EXPECT_EQ(list[2]["sha256"], digest_);
  EXPECT_EQ(list[2]["licence"], "Apache-2.0");
  EXPECT_EQ(list[2]["conventions"][0], "pytorch-tutorial");
  EXPECT_EQ(list[2]["fetched"], false);
}

TEST_F(WeightsCommandTest, InspectsAFile) {
  EXPECT_EQ(Run({"weights", "inspect", std::string(kBuiltinNetwork)}), 0);
  EXPECT_THAT(out_.str(),
              HasSubstr("32 16 / 32 32 / 64 64 64 64 / 128 128 128 128 / 128"));
  EXPECT_EQ(Run({"weights", "inspect", std::string(kBuiltinNetwork), "--json"}),
            0);
  const Json json = Json::parse(out_.str());
  EXPECT_EQ(json["format"], "safetensors");
  EXPECT_EQ(json["architecture"], "vgg19");
  EXPECT_EQ(json["blocks"][4], Json::array({128}));
  EXPECT_EQ(json["padding"], "zeros");
  EXPECT_EQ(json["pooling"], "avg");
  EXPECT_EQ(json["preprocessing"], "imagenet-unit-rgb");
  EXPECT_EQ(json["key_naming"], "torchvision");
  EXPECT_EQ(json["batch_norm_folded"], false);
  EXPECT_EQ(json["sha256"], digest_);
}

TEST_F(WeightsCommandTest, EveryPartExplainsItself) {
  for (const char* part : {"list", "inspect", "fetch"}) {
    EXPECT_EQ(Run({"weights", part, "--help"}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("Examples:"));
    EXPECT_THAT(out_.str(), HasSubstr("Exit codes:"));
  }
}

}  // namespace
}  // namespace atelier
