#include "program/commands.hpp"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/json.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cards/choice.hpp"
#include "cards/metric_check.hpp"
#include "machine/threads.hpp"
#include "platform/config_file.hpp"
#include "platform/derived.hpp"
#include "platform/job.hpp"
#include "program/describe.hpp"
#include "program/library.hpp"

namespace smlt {
namespace {

int threads_of(const settings::Settings& settings, const Environment& environment) {
  const auto wanted = static_cast<int>(settings.integer("threads"));
  return wanted > 0 ? wanted : machine::compute_threads(environment);
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

void refuse_several_hosts(const platform::Cluster& cluster) {
  if (cluster.size() == 1) return;
  throw UserError(
      "Expected a job with one host, found {} ({}); this version trains on one, so set instance_count to 1.",
      cluster.size(), listed(cluster.hosts));
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

// In local mode an ordinary user's SDK must be able to read and remove what this process wrote as root.
void open_results(const platform::Job& job) {
  if (!job.cluster.instance_type.starts_with("local")) return;
  for (const std::filesystem::path& top : {job.tree.model, job.tree.output}) open_to_everybody(top);
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

}  // namespace

std::filesystem::path take_model_directory(Arguments& arguments, const Environment& environment) {
  const std::optional<std::string> directory = take_option(arguments, "--model-dir");
  return directory ? std::filesystem::path(*directory) : platform::read_tree(environment).model;
}

void train(Arguments arguments, const Environment& environment, Output& output, Output& errors) {
  const StopOnSignal stop;
  const bool dry_run = take_flag(arguments, "--dry-run");
  const platform::Job job = platform::read_job(arguments, environment);
  refuse_without_job(job);
  refuse_several_hosts(job.cluster);
  refuse_pipes(job.channels);
  refuse_other_than_folders(job.channels);
  const auto [card, found] = cards::choose_card(wanted_model(job), job.channels);
  const std::vector<settings::Knob> knobs = cards::all_knobs(card);
  std::vector<std::string> warnings;
  const settings::Settings settings(knobs, job.raw, warnings);
  const std::string definitions = read_metric_definitions(job.tree, warnings);
  for (std::string& warning : cards::metric_warnings(card, settings, definitions)) {
    warnings.push_back(std::move(warning));
  }
  for (const std::string& warning : warnings) errors.warning(warning);

  const int threads = threads_of(settings, environment);
  print_settings(card, settings, threads, output);
  for (const auto& [name, value] :
       platform::derived_variables(job.tree, job.channels, job.cluster, job.raw, job.environment)) {
    ::setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  }
  set_compute_threads(threads);
  if (is_a_persons_terminal(environment)) output.show_progress(/*colored=*/!environment.contains("NO_COLOR"));
  keep_freed_memory();
  found->choose(settings);
  const Engine& engine = open_engine();
  engine.train({job, card, settings, *found, dry_run, threads}, output, stop.token());
  open_results(job);
}

void describe(Arguments arguments, Output& output) {
  const bool json = take_flag(arguments, "--json");
  refuse_options(arguments);
  if (arguments.size() > 1) throw UserError("Expected one model to describe, found {} arguments.", arguments.size());
  if (!arguments.empty()) {
    const cards::Card& card = cards::card_named(arguments[0]);
    output.line(json ? indented(training_specification(card)) : description(card));
    return;
  }
  boost::json::object all;
  for (const cards::Card& card : cards::cards()) {
    all[card.name] = training_specification(card);
    if (!json) output.line(description(card));
  }
  if (json) output.line(indented(all));
}

void predict(Arguments arguments, const Environment& environment, Output& output) {
  const std::filesystem::path directory = take_model_directory(arguments, environment);
  refuse_options(arguments);
  if (arguments.empty()) {
    throw UserError("Expected files to predict, found none; name JPEG or PNG images, IDX or CSV files.");
  }
  const int threads = machine::compute_threads(environment);
  set_compute_threads(threads);
  open_engine().predict({directory, arguments, threads}, output);
}

}  // namespace smlt
