#include "program/train_command.hpp"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/ending.hpp"
#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cards/choice.hpp"
#include "cards/metric_check.hpp"
#include "machine/quota.hpp"
#include "machine/threads.hpp"
#include "platform/config_file.hpp"
#include "platform/derived.hpp"
#include "platform/job.hpp"
#include "program/library.hpp"
#include "program/local_ranks.hpp"
#include "program/processes.hpp"

namespace smlt {
namespace {

int threads_of(const settings::Settings& settings, const Environment& environment, int processes) {
  const auto wanted = static_cast<int>(settings.integer("threads"));
  if (wanted > 0) return wanted;
  const int threads = machine::compute_threads(environment);
  if (environment.contains("OMP_NUM_THREADS")) return threads;  // it is meant for each process
  return std::max(threads / processes, 1);
}

void print_settings(const cards::Card& card, const settings::Settings& settings, int threads, Output& output) {
  output.line("sagemaker-libtorch {}: model {}, {} compute {}.", version(), card.name, threads,
              threads == 1 ? "thread" : "threads");
  for (const settings::Settings::Entry& entry : settings.entries()) {
    if (entry.knob->is_script_option() && entry.source == "default") continue;
    output.line("  {} = {} ({})", entry.knob->name(), settings::to_text(entry.value), entry.source);
  }
}

// A training step frees memory that the next one needs again: keeping it avoids page faults (measured on MNIST: a third
// of the system time and 3 to 10 % of the whole).
void keep_freed_memory() {
  constexpr int kMegabyte = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, 256 * kMegabyte);
  ::mallopt(M_TRIM_THRESHOLD, 256 * kMegabyte);
  ::mallopt(M_TOP_PAD, 64 * kMegabyte);
}

void refuse_pipes(const std::vector<platform::Channel>& channels) {
  for (const platform::Channel& channel : channels) {
    if (channel.input_mode != "Pipe") continue;
    throw UserError(
        "Expected the input mode File or FastFile for channel {}, found Pipe; set input_mode in the estimator.",
        in_quotes(channel.name));
  }
}

void refuse_without_job(const platform::Job& job) {
  if (!job.channels.empty() || platform::has_input(job.tree)) return;
  throw UserError(
      "Expected a training job, found no folder {}; set SAGEMAKER_BASE_DIR to a folder that has input/data/training in "
      "it (`sagemaker-libtorch describe` says with what), or serve a model: `sagemaker-libtorch serve --model-dir "
      "DIR`.",
      in_quotes((job.tree.base / "input").native(), 200));
}

// A channel is a folder; a file in its place would be ignored.
void refuse_other_than_folders(const std::vector<platform::Channel>& channels) {
  for (const platform::Channel& channel : channels) {
    std::error_code absent;
    const bool is_link = std::filesystem::is_symlink(channel.path, absent);
    if (!channel.is_data() || is_folder(channel.path) || (!is_link && !is_there(channel.path))) continue;
    throw UserError("Expected a folder for channel {}, found {} at {}; put the data into a folder of that name.",
                    in_quotes(channel.name), is_there(channel.path) ? "a file" : "a broken link",
                    in_quotes(channel.path.native(), 200));
  }
}

// The platform's metric definitions for the job. Nothing depends on it, so a file that cannot be read only warns.
std::string read_metric_definitions(const platform::Tree& tree, std::vector<std::string>& warnings) {
  try {
    return platform::read_config_file(tree, "metric-definition-regex.json");
  } catch (const Error& e) {
    warnings.push_back(fmt::format("The job's metric definitions are not checked. {}", e.what()));
    return "";
  }
}

// V2's local mode gives jobs a terminal too, so a job's name rules it out (platform 13.5).
bool is_a_persons_terminal(const Environment& environment) {
  return ::isatty(STDOUT_FILENO) != 0 && !environment.contains("TRAINING_JOB_NAME");
}

std::string wanted_model(const platform::Job& job) {
  const settings::RawSetting* model = settings::find_raw(job.raw, "model");
  if (model == nullptr) return "auto";
  return std::get<std::string>(settings::text("model", "auto").parse(model->text, model->source));
}

// What is known before LibTorch is loaded.
struct Checked {
  explicit Checked(const platform::Job& job) : choice(cards::choose_card(wanted_model(job), job.channels)) {}

  cards::Finding choice;
  std::vector<settings::Knob> knobs = cards::all_knobs(choice.card);
  std::vector<std::string> warnings = {};
  std::unique_ptr<settings::Settings> settings = {};  // refers to the knobs
};

Checked check(const platform::Job& job) {
  refuse_pipes(job.channels);
  refuse_other_than_folders(job.channels);
  Checked checked(job);
  checked.settings = std::make_unique<settings::Settings>(checked.knobs, job.raw, checked.warnings);
  const std::string definitions = read_metric_definitions(job.tree, checked.warnings);
  for (std::string& warning : cards::metric_warnings(checked.choice.card, *checked.settings, definitions)) {
    checked.warnings.push_back(std::move(warning));
  }
  return checked;
}

// Runs a part of the job before its ranks have joined. The ranks of other processes would wait for one that fails.
template <typename Part>
auto or_tell(const platform::Job& job, const Processes& processes, bool has_others, Output& output,
             const std::stop_token& stop, Part part) {
  try {
    return part();
  } catch (...) {
    const Ending ending = ending_of(std::current_exception());
    if (has_others && processes.keep_reason) processes.keep_reason(ending);  // telling may take a while, or fail
    if (has_others) open_engine().report_failure(job.cluster, processes, ending, output, stop);
    throw;
  }
}

}  // namespace

void train(Arguments arguments, const Environment& environment, Output& output, Output& errors,
           const OnFailure& on_failure) {
  const StopOnSignal stop;
  Arguments all = arguments;
  all.insert(all.begin(), "train");
  const bool dry_run = take_flag(arguments, "--dry-run");
  const platform::Job job = platform::read_job(arguments, environment);
  refuse_without_job(job);
  if (job.cluster.rank() > 0) {
    output.speak_as(job.cluster.current_host);
    errors.speak_as(job.cluster.current_host);
  }
  Processes processes = dry_run ? Processes() : processes_of(job);
  processes.on_failure = on_failure.end;
  processes.keep_reason = on_failure.keep;
  machine::share_memory_among(processes.per_host);

  bool has_others = job.cluster.size() > 1 && !dry_run;
  const Checked checked = or_tell(job, processes, has_others, output, stop.token(), [&] { return check(job); });
  for (const std::string& warning : checked.warnings) errors.warning(warning);
  const int threads = threads_of(*checked.settings, environment, processes.per_host);
  print_settings(checked.choice.card, *checked.settings, threads, output);
  // Before there are threads that might read them.
  for (const auto& [name, value] :
       platform::derived_variables(job.tree, job.channels, job.cluster, job.raw, job.environment)) {
    ::setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  }
  set_compute_threads(threads);
  if (is_a_persons_terminal(environment)) output.show_progress(/*colored=*/!environment.contains("NO_COLOR"));
  keep_freed_memory();

  Environment for_others = environment;
  if (processes.per_host > 1) for_others["MASTER_PORT"] = std::to_string(processes.port);
  std::optional<LocalRanks> others;
  or_tell(job, processes, has_others, output, stop.token(), [&] {
    others.emplace(all, for_others, processes.local_rank == 0 ? processes.per_host : 1, stop.token(), on_failure.end);
  });
  has_others = has_others || processes.per_host > 1;
  or_tell(job, processes, has_others, output, stop.token(), [&] { checked.choice.found->choose(*checked.settings); });
  open_engine().train({job, checked.choice.card, *checked.settings, *checked.choice.found, dry_run, threads, processes},
                      output, stop.token());
  constexpr std::chrono::seconds kFarewell(10);
  others->wait(kFarewell);
}

}  // namespace smlt
