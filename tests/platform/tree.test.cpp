#include <sys/stat.h>

#include "base/error.hpp"
#include "platform/config_file.hpp"
#include "tests/catch.hpp"
#include "tests/ordinary_user.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::platform;

TEST_CASE("The tree is SageMaker's unless the environment moves it", "[platform]") {
  const Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", ""}});
  CHECK(tree.config == "/opt/ml/input/config");
  CHECK(tree.data == "/opt/ml/input/data");
  CHECK(tree.model == "/opt/ml/model");
  CHECK(tree.output_data == "/opt/ml/output/data");
  CHECK(tree.failure() == "/opt/ml/output/failure");
  CHECK(tree.checkpoints == "/opt/ml/checkpoints");
}

TEST_CASE("Each variable moves its own directory", "[platform]") {
  const Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", "/b"}, {"SM_MODEL_DIR", "/m"}, {"SM_OUTPUT_DATA_DIR", "/o"}});
  CHECK(tree.config == "/b/input/config");
  CHECK(tree.model == "/m");
  CHECK(tree.output_data == "/o");
  CHECK(tree.failure() == "/b/output/failure");
}

TEST_CASE("The environment is captured with its values", "[platform]") {
  ::setenv("SMLT_TEST_VARIABLE", "a=b", 1);
  CHECK(captured_environment().at("SMLT_TEST_VARIABLE") == "a=b");
  ::unsetenv("SMLT_TEST_VARIABLE");
  CHECK(captured_environment().count("SMLT_TEST_VARIABLE") == 0);
}

TEST_CASE("A config file is read as text, empty if absent, and refused if it is not a file", "[platform]") {
  const test::TemporaryDirectory directory;
  const Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}});
  CHECK(read_config_file(tree, "a.json").empty());
  const auto path = directory.write("input/config/a.json", "{}");
  CHECK(read_config_file(tree, "a.json") == "{}");
  std::filesystem::create_directory(tree.config / "folder.json");
  CHECK_THROWS_WITH(read_config_file(tree, "folder.json"), ContainsSubstring("folder.json"));
  REQUIRE(::mkfifo((tree.config / "pipe.json").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_config_file(tree, "pipe.json"), ContainsSubstring("pipe.json"));
}

TEST_CASE("A config file of more than 16 MiB is not read", "[platform]") {
  const test::TemporaryDirectory directory;
  const Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}});
  const auto path = directory.write("input/config/a.json", "");
  std::filesystem::resize_file(path, 100'000'000);
  CHECK_THROWS_WITH(read_config_file(tree, "a.json"), ContainsSubstring("has 100000000 bytes, more than the 16777216"));
  std::filesystem::resize_file(path, 16 << 20);
  CHECK(read_config_file(tree, "a.json").size() == 16 << 20);
}

TEST_CASE("A config file may start with a byte-order mark, and UTF-16 is named", "[platform]") {
  const test::TemporaryDirectory directory;
  const Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}});
  directory.write("input/config/a.json", "\xEF\xBB\xBF{}\r\n");
  CHECK(read_config_file(tree, "a.json") == "{}\r\n");
  for (const std::string_view text : {std::string_view("\xFF\xFE{\0}\0", 6), std::string_view("{\0}\0", 4)}) {
    directory.write("input/config/a.json", text);
    CHECK_THROWS_AS(read_config_file(tree, "a.json"), UserError);
    CHECK_THROWS_WITH(read_config_file(tree, "a.json"),
                      ContainsSubstring("Expected UTF-8 in '") && ContainsSubstring("a.json', found UTF-16; save it"));
  }
}

TEST_CASE("An unreadable config file is never taken for an absent one", "[platform]") {
  const test::TemporaryDirectory directory;
  const auto refused = [&](const Tree& tree, const std::string& cause) {
    CHECK_THROWS_AS(read_config_file(tree, "a.json"), PlatformError);
    CHECK_THROWS_WITH(read_config_file(tree, "a.json"),
                      ContainsSubstring("a.json") && ContainsSubstring(": " + cause + "."));
  };
  Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}});
  directory.write("input/config/other.json", "");
  std::filesystem::create_symlink("nowhere", tree.config / "a.json");
  refused(tree, "No such file or directory");
  std::filesystem::remove(tree.config / "a.json");
  std::filesystem::create_symlink("a.json", tree.config / "a.json");
  refused(tree, "Too many levels of symbolic links");
  {
    std::filesystem::permissions(directory.path(), std::filesystem::perms::none);
    const test::OrdinaryUser user;
    refused(tree, "Permission denied");
  }
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
  tree.config /= "other.json";
  refused(tree, "Not a directory");
  tree.config = directory.path() / std::string(256, 'x');
  CHECK_THROWS_WITH(read_config_file(tree, "a.json"), ContainsSubstring("File name too long"));
}

TEST_CASE("The input folder exists or not", "[platform]") {
  const test::TemporaryDirectory directory;
  const auto tree_at = [](const std::string& base) { return read_tree({{"SAGEMAKER_BASE_DIR", base}}); };
  CHECK_FALSE(has_input(tree_at(directory.path())));
  CHECK_FALSE(has_input(tree_at(directory.path() / "absent")));
  CHECK_FALSE(has_input(tree_at(directory.write("file", ""))));
  CHECK(read_config_file(tree_at(directory.path() / "file"), "a.json").empty());
  std::filesystem::create_directory(directory.path() / "input");
  CHECK(has_input(tree_at(directory.path())));
  CHECK(has_input(tree_at(std::string(300, 'x'))));  // what cannot be looked at may exist
}

TEST_CASE("A blank or absent config file is not an object", "[platform]") {
  const test::TemporaryDirectory directory;
  const Tree tree = read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}});
  CHECK_FALSE(read_object(tree, "hyperparameters.json").has_value());
  directory.write("input/config/hyperparameters.json", " \n");
  CHECK_FALSE(read_object(tree, "hyperparameters.json").has_value());
  directory.write("input/config/hyperparameters.json", "{}");
  CHECK(read_object(tree, "hyperparameters.json")->empty());
}
