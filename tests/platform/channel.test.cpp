#include "platform/channel.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::platform;

namespace {

struct Job {
  test::TemporaryDirectory directory;
  Environment environment;

  Tree tree() const { return read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}}); }
  std::vector<Channel> channels() const { return read_channels(tree(), environment); }
  void file(std::string_view content) const { directory.write("input/config/inputdataconfig.json", content); }
};

std::vector<std::string> names(const std::vector<Channel>& channels) {
  std::vector<std::string> names;
  for (const Channel& channel : channels) names.push_back(channel.name);
  return names;
}

}  // namespace

TEST_CASE("Channels are those of inputdataconfig.json, not the contents of the data directory", "[platform]") {
  const Job job;
  job.file(R"({"validation": {"TrainingInputMode": "Pipe", "S3DistributionType": "ShardedByS3Key"},
               "train": {"ContentType": "text/csv", "TrainingInputMode": "FastFile", "RecordWrapperType": "None"},
               "my.chan-1": {}})");
  job.directory.write("input/data/stray/x", "");
  const auto channels = job.channels();
  REQUIRE(names(channels) == std::vector<std::string>{"my.chan-1", "train", "validation"});
  CHECK(channels[0].input_mode == "File");
  CHECK(channels[0].distribution == "FullyReplicated");
  CHECK(channels[1].content_type == "text/csv");
  CHECK(channels[1].input_mode == "FastFile");
  CHECK(channels[1].path == job.tree().data / "train");
  CHECK(channels[2].distribution == "ShardedByS3Key");
}

TEST_CASE("SM_CHANNEL_ variables move a channel or add one", "[platform]") {
  Job job;
  job.file(R"({"train": {}, "my.chan-1": {}, "my_eval": {}})");
  job.environment = {{"SM_CHANNEL_TRAIN", "/a"}, {"SM_CHANNEL_MY.CHAN-1", "/b"}, {"SM_CHANNEL_MY-EVAL", "/c/"},
                     {"SM_CHANNEL_EXTRA", "/d"}, {"SM_CHANNEL_EMPTY", ""},       {"SM_CHANNELS", "[]"},
                     {"SM_CHANNEL_", "/nowhere"}};
  const auto channels = job.channels();
  REQUIRE(names(channels) == std::vector<std::string>{"extra", "my.chan-1", "my_eval", "train"});
  CHECK(channels[0].path == "/d");
  CHECK(channels[1].path == "/b");
  CHECK(channels[2].path == "/c");
  CHECK(channels[3].path == "/a");
}

TEST_CASE("A variable refers first to the channel with exactly its letters", "[platform]") {
  Job job;
  job.file(R"({"a-b": {}, "a_b": {}})");
  job.environment = {{"SM_CHANNEL_A_B", "/x"}};
  const auto channels = job.channels();
  CHECK(channels[0].path == job.tree().data / "a-b");
  CHECK(channels[1].path == "/x");
}

TEST_CASE("Without a file the directories are the channels", "[platform]") {
  Job job;
  for (const char* file :
       {"train/x", "validation/x", "code/x", "sm_drivers/x", ".hidden/x", "old-manifest/x", "lost+found/x"}) {
    job.directory.write(std::string("input/data/") + file, "");
  }
  job.directory.write("input/data/train-manifest", "");
  job.directory.write("input/data/plain", "");
  CHECK(names(job.channels()) == std::vector<std::string>{"train", "validation"});
  job.environment = {{"SM_CHANNEL_TEST", "/t"}};
  CHECK(names(job.channels()) == std::vector<std::string>{"test"});
}

TEST_CASE("Without file, variable and directory there are no channels", "[platform]") {
  const Job job;
  CHECK(job.channels().empty());
  job.directory.write("input/data/train/x", "");
  job.file("{}");
  CHECK(job.channels().empty());
}

TEST_CASE("A channel that leads out of the data directory is refused", "[platform]") {
  const Job job;
  for (const char* name : {"..", ".", "../config", "/etc", "", "a b", "a\\u0000b"}) {
    CAPTURE(name);
    job.file(std::string("{\"") + name + "\": {}}");
    CHECK_THROWS_WITH(job.channels(), ContainsSubstring("inputdataconfig.json, found '"));
  }
  job.file("{\"" + std::string(65, 'x') + "\": {}}");
  CHECK_THROWS_AS(job.channels(), UserError);
}

TEST_CASE("An inputdataconfig.json of another shape is named with the channel", "[platform]") {
  const Job job;
  job.file(R"({"train": []})");
  CHECK_THROWS_WITH(job.channels(), ContainsSubstring("Expected a JSON object for channel train of "));
  job.file(R"({"train": {"TrainingInputMode": "Stream"}})");
  CHECK_THROWS_WITH(job.channels(),
                    ContainsSubstring("File, FastFile or Pipe") && ContainsSubstring("found 'Stream'."));
  job.file(R"({"train": {"ContentType": 5}})");
  CHECK_THROWS_WITH(job.channels(), ContainsSubstring("Expected a string for 'ContentType' in channel train of "));
  job.file("[]");
  CHECK_THROWS_AS(job.channels(), UserError);
  job.file(R"({"train": null, "test": {"ContentType": null}})");
  CHECK(job.channels().size() == 2);
}
