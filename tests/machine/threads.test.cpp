#include "machine/threads.hpp"

#include <algorithm>

#include "machine/quota.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::machine;

namespace {

constexpr const char* kUnified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

// A machine of version 2 whose process is in the cgroup `path`.
class Unified : public test::TemporaryDirectory {
 public:
  explicit Unified(const std::string& path) {
    write("proc/self/cgroup", "0::" + path + "\n");
    write("proc/self/mountinfo", std::string("23 1 0:1 / / rw - ext4 /dev/sda rw\n") + kUnified);
  }
};

}  // namespace

TEST_CASE("The quota of version 2 is the least of the cgroup and its ancestors", "[machine]") {
  const Unified root("/a/b/c");
  root.write("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  root.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
  root.write("sys/fs/cgroup/other/cpu.max", "100000 100000\n");
  CHECK(quota_processors(root.path()) == 2);
}

TEST_CASE("In a container the cgroup is the root of its mount", "[machine]") {
  const Unified root("/");
  CHECK_FALSE(quota_processors(root.path()).has_value());
  root.write("sys/fs/cgroup/cpu.max", "300000 100000\n");
  CHECK(quota_processors(root.path()) == 3);
}

TEST_CASE("A path that a cgroup namespace shows from outside counts from the mount", "[machine]") {
  const Unified root("/../../system.slice");
  root.write("sys/fs/cgroup/cpu.max", "400000 100000\n");
  root.write("sys/system.slice/cpu.max", "100000 100000\n");
  CHECK(quota_processors(root.path()) == 4);
}

TEST_CASE("The period defaults to 100 ms and fractions are cut", "[machine]") {
  const Unified root("/");
  root.write("sys/fs/cgroup/cpu.max", "250000");
  CHECK(quota_processors(root.path()) == 2);
  root.write("sys/fs/cgroup/cpu.max", "50000 100000");
  CHECK(quota_processors(root.path()) == 0);
  CHECK(available_processors(root.path()) == 1);
}

TEST_CASE("Version 1 is read where its cpu controller is mounted", "[machine]") {
  const test::TemporaryDirectory root;
  root.write("proc/self/cgroup", "12:cpuset:/docker/x\n4:cpu,cpuacct:/docker/x/y\n1:name=systemd:/docker/x\n");
  root.write("proc/self/mountinfo",
             "31 1 0:27 /docker/x /sys/fs/cgroup/cpu\\040and\\040acct ro - cgroup cgroup rw,cpu,cpuacct\n"
             "32 1 0:28 /docker/x /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset\n");
  root.write("sys/fs/cgroup/cpu and acct/cpu.cfs_quota_us", "600000\n");
  root.write("sys/fs/cgroup/cpu and acct/cpu.cfs_period_us", "100000\n");
  CHECK(quota_processors(root.path()) == 6);
  root.write("sys/fs/cgroup/cpu and acct/y/cpu.cfs_quota_us", "500000\n");
  root.write("sys/fs/cgroup/cpu and acct/y/cpu.cfs_period_us", "100000\n");
  CHECK(quota_processors(root.path()) == 5);
  root.write("sys/fs/cgroup/cpu and acct/y/cpu.cfs_quota_us", "-1\n");
  CHECK(quota_processors(root.path()) == 6);
}

TEST_CASE("On a hybrid machine the stricter of both versions counts", "[machine]") {
  const test::TemporaryDirectory root;
  root.write("proc/self/cgroup", "1:cpu:/job\n0::/job\n");
  root.write("proc/self/mountinfo",
             "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
             "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "700000");
  root.write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000");
  CHECK(quota_processors(root.path()) == 7);
  root.write("sys/fs/cgroup/unified/job/cpu.max", "200000 100000");
  CHECK(quota_processors(root.path()) == 2);
}

TEST_CASE("Without mountinfo the usual places are read", "[machine]") {
  const test::TemporaryDirectory root;
  CHECK_FALSE(quota_processors(root.path()).has_value());
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "900000");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  CHECK(quota_processors(root.path()) == 9);
  root.write("sys/fs/cgroup/cpu.max", "800000 100000");
  CHECK(quota_processors(root.path()) == 8);
}

TEST_CASE("A file that cannot be understood sets no limit", "[machine]") {
  for (const char* content :
       {"", "max", "0 100000", "-5 100000", "100000 0", "x y", "100000 -1", "99999999999999999999 1"}) {
    CAPTURE(content);
    const Unified root("/");
    root.write("sys/fs/cgroup/cpu.max", content);
    CHECK_FALSE(quota_processors(root.path()).has_value());
  }
  const test::TemporaryDirectory root;
  root.write("proc/self/cgroup", std::string("\n:\n0:\n0::\n::::\n\0\xff", 16));
  root.write("proc/self/mountinfo",
             "a b c\n- - - -\n1 2 3 4 5 6 - cgroup2\n1 2 3 4 5 6 7 8 -\n1 2 3 \\ \\04 6 - cgroup2 x y\n");
  CHECK_FALSE(quota_processors(root.path()).has_value());
}

TEST_CASE("With a huge quota all processors of the machine are used", "[machine]") {
  const Unified root("/");
  const int machine = available_processors(root.path());
  CHECK(machine >= 1);
  root.write("sys/fs/cgroup/cpu.max", "9223372036854775807 1");
  CHECK(available_processors(root.path()) == machine);
  root.write("sys/fs/cgroup/cpu.max", "100000 100000");
  CHECK(available_processors(root.path()) == 1);
}

TEST_CASE("OMP_NUM_THREADS wins if it is a positive integer", "[machine]") {
  const Unified root("/");
  root.write("sys/fs/cgroup/cpu.max", "100000 100000");
  CHECK(compute_threads({{"OMP_NUM_THREADS", " 13 "}}, root.path()) == 13);
  for (const char* value : {"0", "-1", "many", "", "99999999999"}) {
    CHECK(compute_threads({{"OMP_NUM_THREADS", value}}, root.path()) == 1);
  }
  CHECK(compute_threads({}, root.path()) == 1);
}

TEST_CASE("Usable memory is the least of the machine's and of the limits of the cgroup and its ancestors",
          "[machine]") {
  const Unified root("/a/b");
  CHECK_FALSE(usable_memory(root.path()).has_value());
  root.write("proc/meminfo", "MemTotal:       1048576 kB\nMemFree:        1 kB\n");
  CHECK(usable_memory(root.path()) == int64_t{1} << 30);
  for (const char* content : {"MemTotal:       9223372036854775807 kB\n", "MemTotal: 0 kB\n", "MemTotal: -1 kB\n",
                              "MemTotal:\n", "MemTotal: many kB\n", "\xff"}) {
    CAPTURE(content);
    root.write("proc/meminfo", content);
    CHECK_FALSE(usable_memory(root.path()).has_value());
  }
  root.write("proc/meminfo", "MemTotal:       1048576 kB\n");
  root.write("sys/fs/cgroup/a/memory.max", "536870912\n");
  root.write("sys/fs/cgroup/a/b/memory.max", "max\n");
  CHECK(usable_memory(root.path()) == int64_t{1} << 29);
}

TEST_CASE("The memory limit of version 1 is read where its controller is mounted", "[machine]") {
  const test::TemporaryDirectory root;
  root.write("proc/self/cgroup", "5:memory:/job\n3:cpu:/other\n");
  root.write("proc/self/mountinfo", "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  root.write("proc/meminfo", "MemTotal:       1048576 kB\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK(usable_memory(root.path()) == int64_t{1} << 30);
  root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1000000\n");
  CHECK(usable_memory(root.path()) == 1'000'000);
}
