// The program: train | serve | describe | predict. It does not link LibTorch, so help, configuration errors and the
// first log line appear at once; jobs run in libsmlt.so (engine/engine.hpp). Failures end here, in the failure file and
// the exit code.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "base/crash.hpp"
#include "base/ending.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "platform/channel.hpp"
#include "program/commands.hpp"
#include "program/local_ranks.hpp"
#include "program/serve_command.hpp"
#include "program/train_command.hpp"

namespace smlt {
namespace {

constexpr const char* kHelp =
    R"(sagemaker-libtorch trains and serves models on SageMaker without Python.

  sagemaker-libtorch train [--NAME VALUE]...     run the training job under /opt/ml (the default command)
  sagemaker-libtorch train --dry-run             check configuration and data, train nothing
  sagemaker-libtorch serve [--port N] [--model-dir DIR]
                                                 the endpoint: /ping, /invocations; see serve --help
  sagemaker-libtorch describe [MODEL] [--json]   hyperparameters, channels and metrics
  sagemaker-libtorch predict [--model-dir DIR] FILE...
                                                 classify JPEG and PNG images, or rows of IDX and CSV files (FILE#ROW)
  sagemaker-libtorch --version

SAGEMAKER_BASE_DIR replaces /opt/ml. Every hyperparameter is an option of train, see describe.
)";

// An earlier run's failure file in the same directory (SDK V3 keeps it) must not be taken for this run's. Without a
// job, nothing is created on a user's disk.
void prepare_failure_file(const platform::Tree& tree) {
  if (!platform::has_input(tree)) return;
  std::error_code absent;  // the usual case, and without an output directory there is no failure file
  std::filesystem::remove(tree.failure(), absent);
  std::filesystem::create_directories(tree.output, absent);
  report_crashes(tree.failure());
}

// Run by someone who does not know yet how a job is described.
bool is_started_by_hand(const Environment& environment) {
  const platform::Tree tree = platform::read_tree(environment);
  return !environment.contains("SAGEMAKER_BASE_DIR") && !platform::has_input(tree) &&
         platform::read_channels(tree, environment).empty();
}

// The reason for a failed training job: the platform shows the first 1,024 bytes of this file (platform 6).
void write_failure(const Environment& environment, const std::string& sentence, Output& errors) {
  constexpr size_t kLongest = 1024;
  const platform::Tree tree = platform::read_tree(environment);
  if (!platform::has_input(tree)) return;
  try {
    create_folder(tree.output);
    const std::string cut = in_quotes(sentence, kLongest - 5);
    write_file(tree.failure(), sentence.size() <= kLongest ? sentence : cut.substr(1, cut.size() - 2));
  } catch (const std::exception& e) {
    errors.line("The failure file cannot be written: {}", e.what());
  }
}

// Says why, and ends the process at once: LibTorch takes 0.08 s to tear down its tables of operators, and we have
// nothing buffered.
[[noreturn]] void end(bool writes_reason, const Ending& ending, const Environment& environment, Output& errors) {
  if (ending.code != 0) {
    if (writes_reason) write_failure(environment, ending.sentence, errors);
    errors.line(ending.sentence);
  }
  ::_exit(ending.code);
}

// This process's own reason for a failure, which counts more than what its other ranks make of it later.
class KeptReason {
 public:
  void keep(const Ending& ending) {
    const std::lock_guard lock(mutex_);
    kept_ = ending;
  }

  Ending or_else(const Ending& ending) {
    const std::lock_guard lock(mutex_);
    return kept_.value_or(ending);
  }

 private:
  std::mutex mutex_;
  std::optional<Ending> kept_;
};

void run(Arguments arguments, const Environment& environment, Output& output, Output& errors) {
  const bool has_command = !arguments.empty() && !arguments[0].starts_with("-");
  const std::string command = has_command ? arguments[0] : "train";
  if (has_command) arguments.erase(arguments.begin());
  if (take_flag(arguments, "--help") || take_flag(arguments, "-h"))
    return output.line(command == "serve" ? serve_help() : kHelp);
  if (take_flag(arguments, "--version")) return output.line(version());
  if (command == "train") {
    if (arguments.empty() && is_started_by_hand(environment)) errors.line(kHelp);
    const bool writes_reason = !is_started_by_another(environment);
    const auto kept = std::make_shared<KeptReason>();
    const auto keep = [kept, writes_reason, &environment, &errors](const Ending& ending) {
      kept->keep(ending);
      if (writes_reason) write_failure(environment, ending.sentence, errors);
    };
    const auto end_now = [kept, writes_reason, &environment, &errors](const Ending& ending) {
      end(writes_reason, kept->or_else(ending), environment, errors);
    };
    return train(arguments, environment, output, errors, {keep, end_now});
  }
  if (command == "describe") return describe(arguments, output);
  if (command == "predict") return predict(arguments, environment, output);
  if (command == "help") return output.line(kHelp);
  if (command == "serve") return serve(arguments, environment, output);
  throw UserError("Expected a command (train, serve, describe or predict), found {}; see sagemaker-libtorch --help.",
                  in_quotes(command));
}

// Otherwise the next file opened would become stdout or stderr, and log lines would be written into it.
void open_missing_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

bool is_training(const Arguments& arguments) {
  const auto asks = [](const std::string& word) { return word == "--help" || word == "-h" || word == "--version"; };
  const bool named = arguments.empty() || arguments[0] == "train" || arguments[0].starts_with("--");
  return named && std::none_of(arguments.begin(), arguments.end(), asks);
}

}  // namespace
}  // namespace smlt

int main(int argc, char** argv) {
  using namespace smlt;
  open_missing_streams();
  ::signal(SIGPIPE, SIG_IGN);  // a reader of stdout that goes away must not end a job
  report_crashes("");
  const Arguments arguments(argv + 1, argv + argc);
  const Environment environment = captured_environment();
  Output output(STDOUT_FILENO);
  end_with_parent(environment);
  const bool speaks = !is_started_by_another(environment);
  Output errors(speaks ? STDERR_FILENO : ::open("/dev/null", O_WRONLY | O_CLOEXEC));
  Ending ending;
  try {
    check_processor();
    if (is_training(arguments) && speaks) prepare_failure_file(platform::read_tree(environment));
    run(arguments, environment, output, errors);
  } catch (...) {
    ending = ending_of(std::current_exception());
  }
  end(is_training(arguments) && speaks, ending, environment, errors);
}
