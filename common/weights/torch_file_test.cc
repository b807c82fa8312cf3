#include "common/weights/torch_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/weights/torch_writer_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

std::string Golden(const std::string& name) {
  std::ifstream file(absl::StrCat(ATELIER_TESTDATA_DIR "/", name),
                     std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// What plain-zip.pth and plain-legacy.pth hold.
std::vector<TestTensor> Plain() {
  TestTensor half{"half", "HalfStorage", {1, 2}, "", 2};
  half.bytes = std::string("\x00\xbc\x00\xbb", 4);  // -1, -0.875
  TestTensor count{"count", "LongStorage", {}, LittleEndian(7, 8), 8};
  return {CountingTensor("features.0.weight", {2, 3, 3, 3}),
          CountingTensor("features.0.bias", {2}), half, count};
}

absl::StatusOr<NamedTensors> Read(absl::string_view file) {
  return IsTorchZip(file) ? ReadTorchZip(file) : ReadTorchLegacy(file);
}

std::string ErrorOf(absl::string_view file) {
  const absl::Status status = Read(file).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

// Two files alike but for their form, so that each claim is made of both.
std::vector<std::string> Both(const std::vector<TestTensor>& tensors,
                              const TorchWriterOptions& options = {}) {
  return {WriteTorchZip(tensors, options), WriteTorchLegacy(tensors, options)};
}

TEST(TorchWriterTest, WritesWhatPytorchWrites) {
  EXPECT_EQ(WriteTorchZip(Plain()), Golden("plain-zip.pth"));
  const std::string legacy = Golden("plain-legacy.pth");
  TorchWriterOptions options;
  options.storage_keys = {"139204128", "139204704", "77477888", "77491760"};
  for (int order = 0; order < 24; ++order) {
    if (WriteTorchLegacy(Plain(), options) == legacy) return;
    std::next_permutation(options.storage_keys.begin(),
                          options.storage_keys.end());
  }
  FAIL() << "no order of the storages' addresses gives PyTorch's bytes";
}

TEST(TorchFileTest, ReadsPytorchsOwnFiles) {
  for (const char* name : {"plain-zip.pth", "plain-legacy.pth"}) {
    SCOPED_TRACE(name);
    const std::string file = Golden(name);
    const auto read = Read(file);
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_THAT(read->tensors, UnorderedElementsAre(Key("features.0.weight"),
                                                    Key("features.0.bias"),
                                                    Key("half"), Key("count")));
    for (const TestTensor& expected : Plain()) {
      const TensorView& tensor = read->tensors.at(expected.name);
      EXPECT_EQ(tensor.shape, expected.shape);
      EXPECT_EQ(tensor.bytes, expected.bytes);
    }
    EXPECT_EQ(read->tensors.at("features.0.bias").dtype, "F32");
    EXPECT_EQ(read->tensors.at("half").dtype, "F16");
    EXPECT_EQ(read->tensors.at("count").dtype, "I64");
  }
}

TEST(TorchFileTest, CopiesNoTensor) {
  for (const std::string& file : Both(Plain())) {
    const auto read = Read(file);
    ASSERT_TRUE(read.ok()) << read.status();
    for (const auto& [name, tensor] : read->tensors) {
      EXPECT_GE(tensor.bytes.data(), file.data());
      EXPECT_LE(tensor.bytes.data() + tensor.bytes.size(),
                file.data() + file.size());
    }
  }
}

TEST(TorchFileTest, ReadsParametersAsPython2WroteThem) {
  TorchWriterOptions options;
  options.python2 = true;
  for (const std::string& file : Both(Plain(), options)) {
    const auto read = Read(file);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->tensors.at("features.0.bias").bytes, Plain()[1].bytes);
    EXPECT_THAT(read->tensors.at("features.0.weight").shape,
                ElementsAre(2, 3, 3, 3));
  }
}

TEST(TorchFileTest, FindsTheStateDictAmongOtherThings) {
  const std::string file = Golden("vgg-bn-legacy.pth");
  const auto read = Read(file);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->tensors.count("module.features.0.weight"), 1);
  EXPECT_EQ(read->tensors.count("module.classifier.bias"), 1);
}

TEST(TorchFileTest, RefusesAFileCutAtEveryByte) {
  for (const std::string& file : Both(Plain())) {
    for (size_t length = 14; length < file.size(); ++length) {
      SCOPED_TRACE(length);
      EXPECT_FALSE(Read(absl::string_view(file).substr(0, length)).ok());
    }
  }
}

TEST(TorchFileTest, RunsNothing) {
  // What a hostile pickle would begin with.
  const std::string state = PickleWriter()
                                .Global("posix", "system")
                                .Text("true")
                                .Raw("\x85R")
                                .Finish();
  for (const std::string& file :
       {WriteZip({{"x/data.pkl", state}}), LegacyHeader() + state}) {
    EXPECT_THAT(ErrorOf(file), HasSubstr("names 'posix.system'"));
    EXPECT_THAT(ErrorOf(file), HasSubstr("nothing was run"));
  }
  EXPECT_THAT(ErrorOf(LegacyHeader() + state),
              HasSubstr(absl::StrCat("byte ", LegacyHeader().size() + 2)));
}

TEST(TorchFileTest, RefusesAWholeModel) {
  const std::string state = PickleWriter()
                                .Global("torchvision.models.vgg", "VGG")
                                .Raw(")\x81")
                                .Finish();
  EXPECT_THAT(ErrorOf(LegacyHeader() + state),
              HasSubstr("save the model's state_dict()"));
}

TEST(TorchFileTest, RefusesTensorsThatAreNotDense) {
  TorchWriterOptions options;
  options.strides = {{1, 6, 18, 2}};  // Channels last.
  for (const std::string& file : Both(Plain(), options)) {
    EXPECT_THAT(ErrorOf(file),
                HasSubstr("tensor 'features.0.weight' of shape [2, 3, 3, 3] "
                          "has strides [1, 6, 18, 2]"));
  }
}

TEST(TorchFileTest, AStrideOverOneElementSaysNothing) {
  TorchWriterOptions options;
  options.strides = {{27, 9, 3, 1}, {1}, {99, 1}};
  for (const std::string& file : Both(Plain(), options)) {
    EXPECT_TRUE(Read(file).ok()) << Read(file).status();
  }
}

TEST(TorchFileTest, RefusesTensorsThatLeaveTheirStorage) {
  TorchWriterOptions options;
  options.offset = 1;
  for (const std::string& file : Both(Plain(), options)) {
    EXPECT_THAT(ErrorOf(file), HasSubstr("leaves its storage of"));
  }
  std::vector<TestTensor> tensors = Plain();
  tensors[0].shape = {int64_t{1} << 40, int64_t{1} << 40, 3, 3};
  for (const std::string& file : Both(tensors)) {
    EXPECT_THAT(ErrorOf(file), HasSubstr("offset, shape or strides"));
  }
}

TEST(TorchFileTest, RefusesOtherByteOrders) {
  TorchWriterOptions options;
  options.byte_order = "big";
  EXPECT_THAT(ErrorOf(WriteTorchZip(Plain(), options)), HasSubstr("'big'"));
  options.byte_order = "little";
  EXPECT_TRUE(Read(WriteTorchZip(Plain(), options)).ok());
  const std::string legacy = WriteTorchLegacy(Plain());
  const size_t at = legacy.find("little_endian") + 15;
  std::string big = legacy;
  ASSERT_EQ(big[at], '\x88');
  big[at] = '\x89';
  EXPECT_THAT(ErrorOf(big), HasSubstr("little-endian"));
}

TEST(TorchFileTest, RefusesStoragesThatDoNotHoldWhatTheyShould) {
  const std::string legacy = WriteTorchLegacy(Plain());
  EXPECT_THAT(ErrorOf(legacy + "x"), HasSubstr("1 bytes after its last"));
  const std::string zip = WriteTorchZip(Plain());
  const std::string missing =
      absl::StrReplaceAll(zip, {{"plain-zip/data/2", "plain-zip/data/9"}});
  EXPECT_THAT(ErrorOf(missing), HasSubstr("no entry 'plain-zip/data/2'"));
  std::vector<TestTensor> tensors = Plain();
  tensors[0].bytes.resize(8);
  for (const std::string& file : Both(tensors)) {
    EXPECT_THAT(ErrorOf(file), HasSubstr("leaves its storage of 2 elements"));
  }
}

TEST(TorchFileTest, RefusesNamesGivenTwice) {
  std::vector<TestTensor> tensors = Plain();
  tensors[1].name = tensors[0].name;
  for (const std::string& file : Both(tensors)) {
    EXPECT_THAT(ErrorOf(file),
                HasSubstr("'features.0.weight' is in the file twice"));
  }
}

TEST(TorchFileTest, RefusesAFileWithoutAStateDict) {
  EXPECT_THAT(
      ErrorOf(WriteZip({{"x/data.pkl", PickleWriter().Integer(3).Finish()}})),
      HasSubstr("holds no state dict"));
  EXPECT_THAT(ErrorOf(WriteZip({{"x/code.py", "pass"}})),
              HasSubstr("no data.pkl"));
}

}  // namespace
}  // namespace atelier
