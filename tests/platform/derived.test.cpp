#include "platform/derived.hpp"

#include <unistd.h>

#include "platform/raw_settings.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::platform;
using namespace smlt::settings;

namespace {

struct Job {
  test::TemporaryDirectory directory;
  Environment environment;

  Tree tree() const { return read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}}); }
  Environment derived() const {
    return derived_variables(tree(), read_channels(tree(), environment), read_cluster(tree(), environment),
                             read_raw_settings({}, tree(), environment), environment);
  }
  void config(const std::string& name, std::string_view content) const {
    directory.write("input/config/" + name, content);
  }
};

}  // namespace

TEST_CASE("Hyperparameters are exported decoded, in both spellings of their names", "[platform]") {
  const Job job;
  job.config("hyperparameters.json",
             R"({"learning-rate": "0.10", "k": "true", "name": "\"caf\u00e9\"", "layers": "[1, \"a\"]", "empty": "null",
                 "sagemaker_program": "\"train.py\"", "_tuning_objective_metric": "loss"})");
  const Environment derived = job.derived();
  CHECK(derived.at("SM_HPS") == R"({"empty":null,"k":true,"layers":[1,"a"],"learning-rate":0.1,"name":"caf\u00e9"})");
  CHECK(derived.at("SM_HP_LEARNING-RATE") == "0.1");
  CHECK(derived.at("SM_HP_LEARNING_RATE") == "0.1");
  CHECK(derived.at("SM_HP_NAME") == "caf\u00e9");
  CHECK(derived.at("SM_HP_EMPTY") == "");
  CHECK(derived.at("SM_USER_ARGS") ==
        R"(["--empty","","-k","True","--layers","[1, 'a']","--learning-rate","0.1","--name","caf\u00e9"])");
  CHECK(derived.count("SM_HP_SAGEMAKER_PROGRAM") == 0);
  CHECK(derived.at("SM_LOG_LEVEL") == "20");
}

TEST_CASE("The directories are those of the tree", "[platform]") {
  const Job job;
  const std::string base = job.directory.path().string();
  const Environment derived = job.derived();
  CHECK(derived.at("SM_MODEL_DIR") == base + "/model");
  CHECK(derived.at("SM_INPUT_DIR") == base + "/input");
  CHECK(derived.at("SM_INPUT_CONFIG_DIR") == base + "/input/config");
  CHECK(derived.at("SM_OUTPUT_DIR") == base + "/output");
  CHECK(derived.at("SM_OUTPUT_DATA_DIR") == base + "/output/data");
  CHECK(derived.at("SM_OUTPUT_INTERMEDIATE_DIR") == base + "/output/intermediate");
}

TEST_CASE("Channels are exported in upper case and nothing else", "[platform]") {
  const Job job;
  job.config("inputdataconfig.json", R"({"train": {"TrainingInputMode": "File"}, "my.chan-1": {}})");
  const Environment derived = job.derived();
  CHECK(derived.at("SM_CHANNELS") == R"(["my.chan-1","train"])");
  CHECK(derived.at("SM_CHANNEL_MY.CHAN-1") == (job.tree().data / "my.chan-1").string());
  CHECK(derived.at("SM_CHANNEL_TRAIN") == (job.tree().data / "train").string());
  CHECK(derived.at("SM_INPUT_DATA_CONFIG") == R"({"my.chan-1":{},"train":{"TrainingInputMode":"File"}})");
}

TEST_CASE("Hosts and groups are exported, the first sorted host as master", "[platform]") {
  const Job job;
  job.config("resourceconfig.json", R"({"current_host":"b-1","hosts":["b-1","a-2"],"current_group_name":"g2",
    "current_instance_type":"ml.c5.xlarge","network_interface_name":"eth0","topology":[{"hostName":"a-2"}],
    "instance_groups":[{"instance_group_name":"g1","instance_type":"t1","hosts":["a-2"]},
                       {"instance_group_name":"g2","instance_type":"t2","hosts":["b-1"]}]})");
  const Environment derived = job.derived();
  CHECK(derived.at("SM_HOSTS") == R"(["b-1","a-2"])");
  CHECK(derived.at("SM_CURRENT_HOST") == "b-1");
  CHECK(derived.at("SM_CURRENT_INSTANCE_TYPE") == "ml.c5.xlarge");
  CHECK(derived.at("SM_CURRENT_INSTANCE_GROUP") == "g2");
  CHECK(derived.at("SM_CURRENT_INSTANCE_GROUP_HOSTS") == R"(["b-1"])");
  CHECK(derived.at("SM_INSTANCE_GROUPS") == R"(["g1","g2"])");
  CHECK(derived.at("SM_INSTANCE_GROUPS_DICT") ==
        R"({"g1":{"hosts":["a-2"],"instance_group_name":"g1","instance_type":"t1"},)"
        R"("g2":{"hosts":["b-1"],"instance_group_name":"g2","instance_type":"t2"}})");
  CHECK(derived.at("SM_IS_HETERO") == "true");
  CHECK(derived.at("SM_NETWORK_INTERFACE_NAME") == "eth0");
  CHECK(derived.at("SM_TOPOLOGY") == R"([{"hostName":"a-2"}])");
  CHECK(derived.at("SM_MASTER_ADDR") == "a-2");
  CHECK(derived.at("SM_MASTER_PORT") == "7777");
  CHECK(derived.at("SM_HOST_COUNT") == "2");
  CHECK(derived.at("SM_CURRENT_HOST_RANK") == "1");
}

TEST_CASE("A plain run without any file has one host, no groups and no hyperparameters", "[platform]") {
  const Environment derived = Job().derived();
  CHECK(derived.at("SM_HOSTS") == R"(["algo-1"])");
  CHECK(derived.at("SM_RESOURCE_CONFIG") == R"({"current_host":"algo-1","hosts":["algo-1"]})");
  CHECK(derived.at("SM_INSTANCE_GROUPS") == "[]");
  CHECK(derived.at("SM_INSTANCE_GROUPS_DICT") == "{}");
  CHECK(derived.at("SM_IS_HETERO") == "false");
  CHECK(derived.at("SM_HPS") == "{}");
  CHECK(derived.at("SM_USER_ARGS") == "[]");
  CHECK(derived.at("SM_CHANNELS") == "[]");
  CHECK(derived.at("SM_NUM_GPUS") == "0");
  CHECK(derived.at("SM_NUM_CPUS") == std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)));
  CHECK(derived.count("SM_TOPOLOGY") == 0);
}

TEST_CASE("What the environment sets keeps its value", "[platform]") {
  Job job;
  job.config("hyperparameters.json", R"({"lr": "0.1", "sagemaker_container_log_level": "10"})");
  job.environment = {{"SM_NUM_GPUS", "4"}, {"SM_HP_LR", "0.2"}, {"SM_HOSTS", "[\"algo-1\", \"x\"]"}, {"PATH", "/bin"}};
  const Environment derived = job.derived();
  CHECK(derived.at("SM_NUM_GPUS") == "4");
  CHECK(derived.at("SM_HP_LR") == "0.2");
  CHECK(derived.at("SM_HOSTS") == "[\"algo-1\", \"x\"]");
  CHECK(derived.at("SM_HOST_COUNT") == "2");
  CHECK(derived.at("SM_LOG_LEVEL") == "10");
  CHECK(derived.count("PATH") == 0);
}

TEST_CASE("Names and values that no environment can hold are left out", "[platform]") {
  const Job job;
  job.config("hyperparameters.json", R"({"a=b": "1", "n\u0000l": "1", "v": "x\u0000y", "": "1", "ok": "1"})");
  const Environment derived = job.derived();
  CHECK(derived.at("SM_HP_OK") == "1");
  for (const auto& [name, value] : derived) {
    CHECK(name.find_first_of(std::string_view("=\0", 2)) == std::string::npos);
    CHECK(value.find('\0') == std::string::npos);
  }
  CHECK(derived.count("SM_HP_V") == 0);
}
