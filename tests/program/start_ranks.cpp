// A program that starts itself several times, for the test of local_ranks.hpp:
//   start-ranks FOLDER PROCESSES SECONDS
// Each process writes its number into a file in FOLDER that its process id names, waits for SECONDS or for a signal,
// and adds "stopped" after a signal. The first one then waits for the others and prints whether all ended well.
#include <stdlib.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>

#include "base/output.hpp"
#include "base/stop.hpp"
#include "program/local_ranks.hpp"

using namespace smlt;

namespace {

bool is_stopped_within(const std::stop_token& stop, std::chrono::seconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return stop.stop_requested();
}

}  // namespace

int main(int argc, char** argv) {
  const Environment environment = captured_environment();
  end_with_parent(environment);
  const StopOnSignal stop;
  const Arguments arguments(argv + 1, argv + argc);
  Output output(STDOUT_FILENO);
  const int rank = local_rank(environment);
  std::optional<LocalRanks> others;
  if (rank == 0) others.emplace(arguments, environment, std::stoi(arguments.at(1)), stop.token(), [](const Ending&) {});
  std::ofstream file(arguments.at(0) + "/" + std::to_string(::getpid()));
  file << rank << std::endl;
  output.line("rank {}", rank);
  if (is_stopped_within(stop.token(), std::chrono::seconds(std::stoi(arguments.at(2))))) file << "stopped" << std::endl;
  if (others) output.line("all well: {}", others->wait(std::chrono::seconds(10)));
  return rank == 2 && ::getenv("SMLT_FAIL") != nullptr ? 1 : 0;
}
