#include "settings/endpoint.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "machine/gpu.hpp"
#include "machine/instructions.hpp"
#include "machine/quota.hpp"
#include "machine/threads.hpp"
#include "settings/command_line.hpp"
#include "values/number.hpp"

namespace smlt::settings {
namespace {

constexpr int64_t kMegabyte = int64_t{1} << 20;
constexpr int64_t kDebugLevel = 10;  // in Python's logging, the scale of SAGEMAKER_CONTAINER_LOG_LEVEL

using Values = std::map<std::string, Value>;

[[noreturn]] void refuse(const Knob& knob, const std::string& text, const std::string& source) {
  throw UserError("Setting {} (from {}) must be {}, but it is {}.", knob.name(), printable(source), knob.accepts(),
                  in_quotes(text));
}

Value parsed(const Knob& knob, const std::string& text, const std::string& source) {
  try {
    return knob.parse(text, source);
  } catch (const UserError&) {
    refuse(knob, text, source);  // it is not a hyperparameter
  }
}

// Every variable that is set is checked, so that a mistake is reported even if another one wins.
Value from_environment(const EndpointKnob& setting, const Environment& environment) {
  Value value = setting.knob.default_value();
  for (auto name = setting.variables.rbegin(); name != setting.variables.rend(); ++name) {
    const auto found = environment.find(*name);
    if (found != environment.end()) value = parsed(setting.knob, found->second, *name);
  }
  return value;
}

const EndpointKnob& knob_called(const std::string& name) {
  for (const EndpointKnob& setting : endpoint_knobs()) {
    if (setting.knob.is_called(name)) return setting;
  }
  throw UserError("Unknown option {}; `sagemaker-libtorch serve --help` lists them all.", in_quotes("--" + name));
}

Values read_values(std::span<const std::string> command_line, const Environment& environment) {
  Values values;
  for (const EndpointKnob& setting : endpoint_knobs()) {
    values[setting.knob.name()] = from_environment(setting, environment);
  }
  for (const RawSetting& option : read_command_line(command_line)) {
    const Knob& knob = knob_called(option.name).knob;
    values[knob.name()] = parsed(knob, option.text, option.source);
  }
  return values;
}

// "20000-20100" (platform 14.1).
void check_port_range(const Environment& environment) {
  const auto found = environment.find("SAGEMAKER_SAFE_PORT_RANGE");
  if (found == environment.end()) return;
  const std::string& text = found->second;
  const size_t dash = text.find('-');
  const auto low = values::read_integer(text.substr(0, dash));
  const auto high = dash == std::string::npos ? std::nullopt : values::read_integer(text.substr(dash + 1));
  if (low && high && *low >= 1 && *low <= *high && *high <= 65535) return;
  throw UserError("Setting SAGEMAKER_SAFE_PORT_RANGE must be two ports such as 20000-20100, but it is {}.",
                  in_quotes(text));
}

bool read_bfloat16(const std::string& precision, const std::filesystem::path& processor) {
  if (precision != "bf16") return false;
  if (machine::has_bfloat16(processor)) return true;
  throw UserError(
      "Expected a processor with AMX or AVX512-BF16 for --precision bf16, found one without; choose another instance "
      "type, or leave --precision out.");
}

int64_t memory() {
  constexpr int64_t kUnknownMemory = int64_t{4} << 30;
  return machine::usable_memory().value_or(kUnknownMemory);
}

// A quarter of the memory unless it is set.
int64_t buffer_limit(int64_t megabytes) { return megabytes > 0 ? megabytes * kMegabyte : memory() / 4; }

// Unless it is set: what remains of nine tenths of memory, beside bodies, answers and the program itself.
int64_t models_memory(int64_t megabytes, int64_t max_buffered) {
  constexpr int64_t kProgram = int64_t{256} << 20;
  if (megabytes > 0) return megabytes * kMegabyte;
  const int64_t left = memory() / 10 * 9 - max_buffered - kProgram;
  return std::max(left, kMegabyte);
}

// A transform job waits ten minutes unless its ModelClientConfig says otherwise (platform 14.9).
double usual_timeout(bool batch) { return batch ? 600 : 60; }

std::chrono::milliseconds as_milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

}  // namespace

Endpoint read_endpoint(std::span<const std::string> command_line, const Environment& environment,
                       const std::filesystem::path& processor) {
  check_port_range(environment);
  const Values values = read_values(command_line, environment);
  const auto whole = [&](const char* name) { return std::get<int64_t>(values.at(name)); };
  const auto number = [&](const char* name) { return static_cast<int>(whole(name)); };
  Endpoint endpoint;
  endpoint.port = number("port");
  const int64_t buffered = buffer_limit(whole("max-buffered-mb"));
  endpoint.max_body = whole("max-payload-mb") > 0 ? whole("max-payload-mb") * kMegabyte : buffered;
  endpoint.max_buffered = std::max(buffered, endpoint.max_body);  // one body of the largest size must fit
  endpoint.multi_model = std::get<bool>(values.at("multi-model"));
  endpoint.models_memory = models_memory(whole("models-memory-mb"), endpoint.max_buffered);
  endpoint.batch = std::get<bool>(values.at("batch"));
  endpoint.final_newline = std::get<bool>(values.at("final-newline"));
  endpoint.max_connections = number("max-connections");
  endpoint.workers = number("workers") > 0 ? number("workers") : machine::available_processors();
  endpoint.batch_size = number("batch-size");
  endpoint.batch_delay = std::chrono::milliseconds(whole("max-batch-delay"));
  endpoint.queue_size = number("queue-size");
  endpoint.default_accept = std::get<std::string>(values.at("default-accept"));
  const double timeout = std::get<double>(values.at("timeout"));
  endpoint.timeout = as_milliseconds(timeout > 0 ? timeout : usual_timeout(endpoint.batch));
  endpoint.idle_timeout = as_milliseconds(std::get<double>(values.at("idle-timeout")));
  endpoint.device = std::get<std::string>(values.at("device"));
  endpoint.num_gpus = machine::num_gpus(environment);
  endpoint.compiled = std::get<std::string>(values.at("compiled")) == "on";
  endpoint.bfloat16 = read_bfloat16(std::get<std::string>(values.at("precision")), processor);
  endpoint.log_requests = whole("log-level") <= kDebugLevel;
  return endpoint;
}

}  // namespace smlt::settings
