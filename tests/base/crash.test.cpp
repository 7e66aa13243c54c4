#include "base/crash.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

// The wait status of a child that executes an invalid instruction.
int status_of_a_crash(const std::filesystem::path& failure_file) {
  const pid_t child = ::fork();
  if (child == 0) {
    static_cast<void>(::freopen("/dev/null", "w", stderr));
    report_crashes(failure_file);
    __builtin_trap();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("A crash leaves its reason and then the signal's own action, a core dump", "[base]") {
  const test::TemporaryDirectory directory;
  const int status = status_of_a_crash(directory.path() / "failure");
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGILL);
  CHECK_THAT(read_file(directory.path() / "failure", 4096), ContainsSubstring("The program crashed with SIGILL"));
}

TEST_CASE("PID 1 of a container ends by the signal too", "[base]") {
  const test::TemporaryDirectory directory;
  const pid_t outside = ::fork();
  if (outside == 0) {
    if (::unshare(CLONE_NEWPID) != 0) ::_exit(77);  // the next child is PID 1
    const int status = status_of_a_crash(directory.path() / "failure");
    ::_exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL ? 0 : 1);
  }
  int status = 0;
  ::waitpid(outside, &status, 0);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    WARN("skipped: expected to be root, to make a namespace of processes");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}
