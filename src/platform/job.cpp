#include "platform/job.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/raw_settings.hpp"

namespace smlt::platform {
namespace {

// An option of a tutorial's script and what it replaces here.
struct ScriptOption {
  const char* name;
  const char* variable;
  const char* help;
};

// In the notebooks some of these arrive as hyperparameters with a path on another machine. The scripts ignored them,
// and so does a job: a path counts only if it exists or was given on the command line.
constexpr ScriptOption kPaths[] = {
    {"data-dir", "SM_CHANNEL_TRAINING", "Directory of the channel 'training', as the tutorials' scripts take it."},
    {"train", "SM_CHANNEL_TRAIN", "Directory of the channel 'train'."},
    {"validation", "SM_CHANNEL_VALIDATION", "Directory of the channel 'validation'."},
    {"test", "SM_CHANNEL_TEST", "Directory of the channel 'test'."},
    {"model-dir", "SM_MODEL_DIR", "Directory that the model is written to."},
};
constexpr ScriptOption kFacts[] = {
    {"hosts", "SM_HOSTS", "The job's hosts, a JSON list."},
    {"current-host", "SM_CURRENT_HOST", "The name of this host."},
    {"num-gpus", "SM_NUM_GPUS", "GPUs of this host; 0 computes on the CPU."},
};

settings::Knob as_knob(const ScriptOption& option) {
  return settings::text(option.name, "").help(option.help).no_effect_on_result().script_option();
}

bool is_typed(const settings::RawSetting& setting) { return setting.source == "command line"; }

void apply_script_options(std::span<const settings::RawSetting> raw, Environment& environment) {
  for (const ScriptOption& option : kPaths) {
    const settings::RawSetting* setting = settings::find_raw(raw, option.name);
    if (setting == nullptr) continue;
    const std::string path = std::get<std::string>(as_knob(option).parse(setting->text, setting->source));
    if (path.find('\0') != std::string::npos) {
      throw UserError("Hyperparameter {} (from {}) must be a path, but it has a NUL byte: {}.", option.name,
                      printable(setting->source), in_quotes(path));
    }
    std::error_code unreadable;  // it counts as absent
    if (!path.empty() && (is_typed(*setting) || std::filesystem::is_directory(path, unreadable))) {
      environment[option.variable] = path;
    }
  }
  for (const ScriptOption& option : kFacts) {
    const settings::RawSetting* setting = settings::find_raw(raw, option.name);
    if (setting == nullptr) continue;
    const std::string value = std::get<std::string>(as_knob(option).parse(setting->text, setting->source));
    if (!value.empty()) environment[option.variable] = value;
  }
}

}  // namespace

std::vector<settings::Knob> script_knobs() {
  std::vector<settings::Knob> knobs;
  for (const ScriptOption& option : kPaths) knobs.push_back(as_knob(option));
  for (const ScriptOption& option : kFacts) knobs.push_back(as_knob(option));
  return knobs;
}

Job read_job(std::span<const std::string> command_line, Environment environment) {
  Job job;
  job.raw = read_raw_settings(command_line, read_tree(environment), environment);
  apply_script_options(job.raw, environment);
  job.tree = read_tree(environment);
  job.reserved = read_reserved_settings(job.tree);
  job.channels = read_channels(job.tree, environment);
  job.cluster = read_cluster(job.tree, environment);
  job.environment = std::move(environment);
  return job;
}

}  // namespace smlt::platform
