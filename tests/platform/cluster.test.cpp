#include "platform/cluster.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::platform;

namespace {

Cluster cluster_from(std::string_view file, const Environment& environment = {}) {
  const test::TemporaryDirectory directory;
  if (!file.empty()) directory.write("input/config/resourceconfig.json", file);
  return read_cluster(read_tree({{"SAGEMAKER_BASE_DIR", directory.path().string()}}), environment);
}

using Hosts = std::vector<std::string>;

}  // namespace

TEST_CASE("The file of a real job is understood", "[platform]") {
  const Cluster cluster = cluster_from(R"({"current_group_name":"homogeneousCluster","current_host":"algo-2",
    "current_instance_type":"ml.p4d.24xlarge","hosts":["algo-1","algo-2"],
    "instance_groups":[{"hosts":["algo-2","algo-1"],"instance_group_name":"homogeneousCluster",
                        "instance_type":"ml.p4d.24xlarge"}],"network_interface_name":"ethwe"})");
  CHECK(cluster.hosts == Hosts{"algo-1", "algo-2"});
  CHECK(cluster.rank() == 1);
  CHECK(cluster.size() == 2);
  CHECK(cluster.instance_type == "ml.p4d.24xlarge");
  CHECK(cluster.network_interface == "ethwe");
  REQUIRE(cluster.groups.size() == 1);
  CHECK(cluster.groups[0].hosts == Hosts{"algo-2", "algo-1"});
}

TEST_CASE("Two keys are enough", "[platform]") {
  const Cluster cluster = cluster_from(R"({"current_host":"algo-1-ieqh5","hosts":["algo-1-ieqh5"]})");
  CHECK(cluster.rank() == 0);
  CHECK(cluster.instance_type == "local");
  CHECK(cluster.group_name == "homogeneousCluster");
  CHECK(cluster.network_interface == "eth0");
  CHECK(cluster.groups.empty());
}

TEST_CASE("Ranks follow the sorted names on every host", "[platform]") {
  CHECK(cluster_from(R"({"current_host":"algo-2","hosts":["algo-2","algo-10","algo-1"]})").rank() == 2);
  CHECK(cluster_from(R"({"current_host":"algo-10","hosts":["algo-1","algo-2","algo-10"]})").rank() == 1);
}

TEST_CASE("The toolkit's own key for the group is understood too", "[platform]") {
  CHECK(cluster_from(R"({"current_host":"a","hosts":["a"],"current_instance_group":"g"})").group_name == "g");
}

TEST_CASE("Without a file there is one host", "[platform]") {
  const Cluster cluster = cluster_from("");
  CHECK(cluster.hosts == Hosts{"algo-1"});
  CHECK(cluster.rank() == 0);
}

TEST_CASE("SM_HOSTS and SM_CURRENT_HOST replace what the file says", "[platform]") {
  const char* file = R"({"current_host":"a","hosts":["a","b"]})";
  CHECK(cluster_from(file, {{"SM_CURRENT_HOST", "b"}}).rank() == 1);
  CHECK(cluster_from(file, {{"SM_HOSTS", "[\"c\", \"a\"]"}}).hosts == Hosts{"a", "c"});
  CHECK(cluster_from("", {{"SM_HOSTS", "y,x"}, {"SM_CURRENT_HOST", "y"}}).rank() == 1);
  CHECK(cluster_from("", {{"SM_CURRENT_HOST", "z"}}).hosts == Hosts{"z"});
  CHECK(cluster_from("", {{"SM_HOSTS", "[\"z\"]"}}).current_host == "z");
  CHECK(cluster_from(file, {{"SM_CURRENT_HOST", ""}}).rank() == 0);
}

TEST_CASE("A cluster that contradicts itself is refused", "[platform]") {
  CHECK_THROWS_WITH(
      cluster_from(R"({"current_host":"c","hosts":["a","b"]})"),
      ContainsSubstring("Expected the current host to be one of 'a and b'") && ContainsSubstring("found 'c'."));
  CHECK_THROWS_WITH(cluster_from(R"({"current_host":"a","hosts":["a","b","a"]})"),
                    ContainsSubstring("found 'a' twice."));
  CHECK_THROWS_WITH(cluster_from("", {{"SM_HOSTS", "[\"a\",\"b\"]"}}), ContainsSubstring("SM_CURRENT_HOST"));
  CHECK_THROWS_AS(cluster_from("", {{"SM_HOSTS", "[[]]"}}), UserError);
  CHECK_THROWS_AS(cluster_from("", {{"SM_HOSTS", "[]"}}), UserError);
}

TEST_CASE("A resourceconfig.json of another shape is named", "[platform]") {
  for (const char* file :
       {"[]", "x", R"({})", R"({"current_host":"a","hosts":"a"})", R"({"current_host":1,"hosts":["a"]})",
        R"({"current_host":"a","hosts":["a",1]})", R"({"current_host":"","hosts":[""]})",
        R"({"current_host":"a","hosts":["a"],"instance_groups":{}})",
        R"({"current_host":"a","hosts":["a"],"instance_groups":[1]})",
        R"({"current_host":"a","hosts":["a"],"instance_groups":[{"hosts":1}]})"}) {
    CAPTURE(file);
    CHECK_THROWS_WITH(cluster_from(file), ContainsSubstring("resourceconfig.json"));
  }
}

TEST_CASE("A host outside its own cluster is a bug in this program", "[platform]") {
  Cluster cluster;
  cluster.current_host = "elsewhere";
  CHECK_THROWS_AS(cluster.rank(), AlgorithmError);
}
