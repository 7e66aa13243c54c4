// One rank of a job as a process of its own, for the tests that kill, stop and disconnect ranks:
//   cluster-rank RANK PORT MODE HOST...
// HOST...: names or addresses of the ranks' hosts; names that begin with "algo-" are all this machine. MODE says what
// the ranks do (below). SMLT_INTERVAL, SMLT_SILENCE: the watch's, in milliseconds. The last line of stderr is the
// reason of a failure, and the exit code its fault, as in the program.
#include <ATen/ATen.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "cluster/group.hpp"

using namespace smlt;

namespace {

Output output(STDOUT_FILENO);
Output errors(STDERR_FILENO);

[[noreturn]] void end(const Ending& ending) {
  errors.line(ending.sentence);
  ::_exit(ending.code);
}

std::chrono::milliseconds from_environment(const char* name, std::chrono::milliseconds otherwise) {
  const char* text = ::getenv(name);
  return text == nullptr ? otherwise : std::chrono::milliseconds(std::stol(text));
}

cluster::JoinOptions options() {
  cluster::JoinOptions options;
  options.on_failure = end;
  options.watch.interval = from_environment("SMLT_INTERVAL", options.watch.interval);
  options.watch.silence = from_environment("SMLT_SILENCE", options.watch.silence);
  options.watch.stuck = options.watch.silence * 6 / 5;
  return options;
}

cluster::Place place(int rank, uint16_t port, const std::vector<std::string>& hosts) {
  cluster::Place place;
  place.rank = rank;
  place.size = static_cast<int>(hosts.size());
  place.names = hosts;
  place.port = port;
  if (!hosts.front().starts_with("algo-")) place.hosts = hosts;
  return place;
}

void step(cluster::Group& group, int64_t number) {
  const at::Tensor tensor = at::full({1000}, static_cast<double>(group.rank() + number));
  group.sum(tensor);
  if (number % 10 == 0) output.line("step {}: {}", number, tensor[0].item<double>());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void run_steps(cluster::Group& group, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) step(group, i);
}

bool is_last(const cluster::Group& group) { return group.rank() == group.size() - 1; }

void fail_on_last(cluster::Group& group) {
  run_steps(group, 20);
  if (is_last(group)) throw UserError("Expected a number in row 7, found 'x'.");
  run_steps(group, 1'000'000);
}

// Twice as long as a rank may be silent.
void compute_on_last(cluster::Group& group) {
  run_steps(group, 20);
  if (is_last(group)) std::this_thread::sleep_for(2 * options().watch.silence);
  run_steps(group, 20);
}

// The ranks wait for each other in different operations.
void disagree(cluster::Group& group) {
  run_steps(group, 20);
  const at::Tensor tensor = at::ones({1000});
  if (is_last(group)) {
    group.barrier();
  } else {
    group.sum(tensor);
  }
}

// 16 MB, of which each of three ranks sends 21, at a speed that makes it take twice as long as a rank may be silent.
void send_much(cluster::Group& group) {
  constexpr int kMostDescriptors = 256;
  const auto speed = static_cast<unsigned>(21'000'000 / (2 * options().watch.silence.count()) * 1000);
  for (int fd = 0; fd < kMostDescriptors; ++fd) ::setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &speed, sizeof speed);
  group.sum(at::ones({4'000'000}));
}

const std::map<std::string, void (*)(cluster::Group&)> kModes = {
    {"forever", [](cluster::Group& group) { run_steps(group, 1'000'000); }},
    {"short", [](cluster::Group& group) { run_steps(group, 20); }},
    {"error", fail_on_last},
    {"long", compute_on_last},
    {"disagree", disagree},
    {"much", send_much},
};

}  // namespace

int main(int argc, char** argv) {
  const StopOnSignal stop;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto where = place(std::stoi(arguments.at(0)), static_cast<uint16_t>(std::stoi(arguments.at(1))),
                           {arguments.begin() + 3, arguments.end()});
  std::optional<cluster::Group> group;
  try {
    group = cluster::Group::join(where, options(), output, stop.token());
    kModes.at(arguments.at(2))(*group);
    group->barrier();
    group->leave();
    output.line("done");
  } catch (...) {
    const Ending ending = ending_of(std::current_exception());
    if (group) group->fail(ending);
    end(ending);
  }
  ::_exit(0);
}
