// The program: train | serve | describe | predict. It links no LibTorch, so that help, configuration errors and the
// first log line come at once; jobs run in libsmlt.so (engine.hpp). Nothing but this file catches an exception.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/crash.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/output.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "config/derived.hpp"
#include "config/job.hpp"
#include "config/threads.hpp"
#include "describe.hpp"
#include "library.hpp"
#include "models/card.hpp"
#include "models/metric_check.hpp"

namespace smlt {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kHelp =
    R"(sagemaker-libtorch trains and serves models on SageMaker without Python.

  sagemaker-libtorch train [--NAME VALUE]...     run the training job under /opt/ml (the default command)
  sagemaker-libtorch train --dry-run             check configuration and data, train nothing
  sagemaker-libtorch describe [MODEL] [--json]   hyperparameters, channels and metrics
  sagemaker-libtorch predict [--model-dir DIR] FILE...
                                                 classify PNG images or IDX rows (FILE#ROW) with the trained model
  sagemaker-libtorch --version

SAGEMAKER_BASE_DIR replaces /opt/ml. Every hyperparameter is an option of train, see describe.
)";

// Removes `flag` from the arguments; true when it was there.
bool take_flag(Arguments& arguments, const std::string& flag) {
  const auto found = std::find(arguments.begin(), arguments.end(), flag);
  if (found == arguments.end()) return false;
  arguments.erase(found);
  return true;
}

int threads_of(const config::Settings& settings, const config::Environment& environment) {
  const auto wanted = static_cast<int>(settings.integer("threads"));
  return wanted > 0 ? wanted : config::compute_threads(environment);
}

void print_settings(const models::Card& card, const config::Settings& settings, int threads, Output& output) {
  output.line("sagemaker-libtorch {}: model {}, {} compute {}.", version(), card.name, threads,
              threads == 1 ? "thread" : "threads");
  for (const config::Settings::Entry& entry : settings.entries()) {
    if (entry.knob->is_script_option() && entry.source == "default") continue;
    output.line("  {} = {} ({})", entry.knob->name(), config::to_text(entry.value), entry.source);
  }
}

void refuse_several_hosts(const config::Cluster& cluster) {
  if (cluster.size() == 1) return;
  throw UserError(
      "Expected a job with one host, found {} ({}); this version trains on one, so set instance_count to 1.",
      cluster.size(), listed(cluster.hosts));
}

// A failure of an earlier run in the same directory (SDK V3 keeps it) must not pass for this one's.
void prepare_failure_file(const config::Tree& tree) {
  std::error_code absent;  // the usual case, and without an output directory there is no failure file
  std::filesystem::remove(tree.failure(), absent);
  std::filesystem::create_directories(tree.output, absent);
  report_crashes(tree.failure());
}

// What the platform knows of the job's metrics; unreadable or too large is as good as absent, for nothing depends on
// it.
std::string read_metric_definitions(const config::Tree& tree) {
  try {
    return config::read_config_file(tree, "metric-definition-regex.json");
  } catch (const Error&) {
    return "";
  }
}

// V2's local mode gives jobs a terminal too, so a job's name rules it out (contract 8.5).
bool is_a_persons_terminal(const config::Environment& environment) {
  return ::isatty(STDOUT_FILENO) != 0 && !environment.contains("TRAINING_JOB_NAME");
}

std::string wanted_model(const config::Job& job) {
  const config::RawSetting* model = config::find_raw(job.raw, "model");
  if (model == nullptr) return "auto";
  return std::get<std::string>(config::text("model", "auto").parse(model->text, model->source));
}

void train(Arguments arguments, const config::Environment& environment, Output& output, Output& errors) {
  const StopOnSignal stop;
  const bool dry_run = take_flag(arguments, "--dry-run");
  const config::Job job = config::read_job(arguments, environment);
  refuse_several_hosts(job.cluster);
  const models::Card& card = models::choose_card(wanted_model(job), job.channels);
  const std::vector<config::Knob> knobs = models::all_knobs(card);
  std::vector<std::string> warnings;
  const config::Settings settings(knobs, job.raw, warnings);
  for (std::string& warning : models::metric_warnings(card, read_metric_definitions(job.tree))) {
    warnings.push_back(std::move(warning));
  }
  for (const std::string& warning : warnings) errors.line(warning);

  const int threads = threads_of(settings, environment);
  print_settings(card, settings, threads, output);
  for (const auto& [name, value] :
       config::derived_variables(job.tree, job.channels, job.cluster, job.raw, job.environment)) {
    ::setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  }
  if (is_a_persons_terminal(environment)) output.show_progress(/*colored=*/!environment.contains("NO_COLOR"));
  const Engine& engine = open_engine(threads);
  engine.train({job, card, settings, dry_run, threads}, output, stop.token());
}

void describe(Arguments arguments, Output& output) {
  const bool json = take_flag(arguments, "--json");
  if (arguments.size() > 1) throw UserError("Expected one model to describe, found {} arguments.", arguments.size());
  if (!arguments.empty()) {
    const models::Card& card = models::card_named(arguments[0]);
    output.line(json ? indented(training_specification(card)) : description(card));
    return;
  }
  boost::json::object all;
  for (const models::Card& card : models::cards()) {
    all[card.name] = training_specification(card);
    if (!json) output.line(description(card));
  }
  if (json) output.line(indented(all));
}

void predict(Arguments arguments, const config::Environment& environment, Output& output) {
  std::filesystem::path directory = config::read_tree(environment).model;
  if (const auto option = std::find(arguments.begin(), arguments.end(), "--model-dir"); option != arguments.end()) {
    if (option + 1 == arguments.end()) throw UserError("Expected a directory after --model-dir, found nothing.");
    directory = *(option + 1);
    arguments.erase(option, option + 2);
  }
  if (arguments.empty()) throw UserError("Expected files to predict, found none; name PNG images or IDX files.");
  const int threads = config::compute_threads(environment);
  open_engine(threads).predict({directory, arguments, threads}, output);
}

void run(Arguments arguments, const config::Environment& environment, Output& output, Output& errors) {
  const bool has_command = !arguments.empty() && !arguments[0].starts_with("--");
  const std::string command = has_command ? arguments[0] : "train";
  if (has_command) arguments.erase(arguments.begin());
  if (take_flag(arguments, "--help")) return output.line(kHelp);
  if (take_flag(arguments, "--version")) return output.line(version());
  if (command == "train") return train(arguments, environment, output, errors);
  if (command == "describe") return describe(arguments, output);
  if (command == "predict") return predict(arguments, environment, output);
  if (command == "help") return output.line(kHelp);
  if (command == "serve")
    throw UserError("Serving is not built yet in version {}; this program trains and predicts.", version());
  throw UserError("Expected a command (train, serve, describe or predict), found {}; see sagemaker-libtorch --help.",
                  in_quotes(command));
}

// The reason of a failed training job: the platform shows the first 1,024 bytes of this file (contract 1.6).
void write_failure(const config::Environment& environment, const std::string& sentence, Output& errors) {
  constexpr size_t kLongest = 1024;
  const config::Tree tree = config::read_tree(environment);
  try {
    std::filesystem::create_directories(tree.output);
    const std::string cut = in_quotes(sentence, kLongest - 5);
    write_file(tree.failure(), sentence.size() <= kLongest ? sentence : cut.substr(1, cut.size() - 2));
  } catch (const std::exception& e) {
    errors.line("The failure file cannot be written: {}", e.what());
  }
}

bool is_training(const Arguments& arguments) {
  return arguments.empty() || arguments[0] == "train" || arguments[0].starts_with("--");
}

}  // namespace
}  // namespace smlt

int main(int argc, char** argv) {
  using namespace smlt;
  ::signal(SIGPIPE, SIG_IGN);  // a reader of stdout that goes away must not end a job
  report_crashes("");
  const Arguments arguments(argv + 1, argv + argc);
  const config::Environment environment = config::captured_environment();
  Output output(STDOUT_FILENO);
  Output errors(STDERR_FILENO);
  std::string sentence;
  int code = 0;
  try {
    check_processor();
    if (is_training(arguments)) prepare_failure_file(config::read_tree(environment));
    run(arguments, environment, output, errors);
  } catch (const Error& e) {
    sentence = printable(e.what());
    code = e.exit_code();
  } catch (const std::bad_alloc&) {
    sentence = "Out of memory; choose an instance with more, or a smaller batch size.";
    code = static_cast<int>(Fault::kPlatform);
  } catch (const std::exception& e) {
    sentence = "A bug in this program: " + printable(e.what());
    code = static_cast<int>(Fault::kAlgorithm);
  }
  if (code != 0) {
    if (is_training(arguments)) write_failure(environment, sentence, errors);
    errors.line(sentence);
  }
  return code;
}
