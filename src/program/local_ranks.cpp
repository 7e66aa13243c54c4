#include "program/local_ranks.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "values/number.hpp"

namespace smlt {
namespace {

constexpr const char* kRank = "SMLT_LOCAL_RANK";
constexpr const char* kParent = "SMLT_PARENT";

std::vector<std::string> assignments(Environment environment, int rank) {
  environment[kRank] = std::to_string(rank);
  environment[kParent] = std::to_string(::getpid());
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  return lines;
}

// What exec wants: pointers into the words, and a null.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

pid_t start(const Arguments& arguments, const Environment& environment, int rank) {
  std::vector<std::string> words = {"sagemaker-libtorch"}, lines = assignments(environment, rank);
  words.insert(words.end(), arguments.begin(), arguments.end());
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = -1;
  const int error =
      ::posix_spawn(&process, "/proc/self/exe", &files, nullptr, pointers(words).data(), pointers(lines).data());
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw PlatformError("Cannot start process {} of this host: {}.", rank, std::strerror(error));
  return process;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

int local_rank(const Environment& environment) {
  const auto found = environment.find(kRank);
  if (found == environment.end()) return 0;
  const auto rank = values::read_integer(found->second);
  if (!rank || *rank < 0 || *rank > 1'000'000) {
    throw UserError("Expected the number of this process on its host in {}, found {}.", kRank,
                    in_quotes(found->second));
  }
  return static_cast<int>(*rank);
}

bool is_started_by_another(const Environment& environment) { return environment.contains(kRank); }

void end_with_parent(const Environment& environment) {
  const auto parent = environment.find(kParent);
  if (parent == environment.end()) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::to_string(::getppid()) != parent->second)
    ::_exit(static_cast<int>(Fault::kPlatform));  // it has died already
}

uint16_t free_port() {
  std::random_device random;
  int error = 0;
  for (int tries = 0; tries < 100; ++tries) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::uniform_int_distribution(20'000, 32'000)(random)));
    const bool found = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    error = errno;
    ::close(fd);
    if (found) return ntohs(address.sin_port);
  }
  throw PlatformError("Expected a free TCP port, found none: {}.", std::strerror(error));
}

LocalRanks::LocalRanks(const Arguments& arguments, const Environment& environment, int processes,
                       const std::stop_token& stop, std::function<void(const Ending&)> on_failure)
    : on_failure_(std::move(on_failure)) {
  if (processes == 1) return;
  ::signal(SIGCHLD, SIG_DFL);  // if it was inherited as ignored, nobody would learn how a process ended
  try {
    for (int rank = 1; rank < processes; ++rank) running_.push_back(start(arguments, environment, rank));
  } catch (const Error&) {
    pass_on(SIGKILL);
    collect(0);
    throw;
  }
  on_stop_.emplace(stop, [this] { pass_on(SIGTERM); });
  supervisor_ = std::jthread([this](const std::stop_token& enough) { supervise(enough); });
}

LocalRanks::~LocalRanks() {
  on_stop_.reset();
  supervisor_ = {};
  pass_on(SIGKILL);
  collect(0);
}

bool LocalRanks::wait(std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kStep(10);
  supervisor_ = {};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!collect(WNOHANG)) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kStep);
  }
  return all_well_;
}

void LocalRanks::supervise(const std::stop_token& enough) {
  constexpr std::chrono::milliseconds kStep(50);
  constexpr std::chrono::seconds kGrace(10);
  auto end = std::chrono::steady_clock::time_point::max();
  while (!enough.stop_requested() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kStep);
    collect(WNOHANG);
    if (!all_well_ && end == end.max()) end = std::chrono::steady_clock::now() + kGrace;
  }
  if (enough.stop_requested()) return;
  on_failure_(
      {fmt::format("Another process of this host {}; signal 9 mostly means that memory ran out.", how_one_ended_),
       static_cast<int>(Fault::kPlatform)});
}

void LocalRanks::pass_on(int signal) {
  const std::lock_guard lock(mutex_);
  for (const pid_t process : running_) ::kill(process, signal);
}

// Forgets the processes that have ended; returns whether all have.
bool LocalRanks::collect(int flags) {
  const std::lock_guard lock(mutex_);
  std::erase_if(running_, [&](pid_t process) {
    int status = 0;
    pid_t ended = -1;
    do {
      ended = ::waitpid(process, &status, flags);
    } while (ended < 0 && errno == EINTR);
    if (ended == process && status != 0 && std::exchange(all_well_, false)) how_one_ended_ = how_it_ended(status);
    return ended != 0;
  });
  return running_.empty();
}

}  // namespace smlt
