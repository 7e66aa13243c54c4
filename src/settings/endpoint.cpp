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

const std::vector<EndpointKnob>& endpoint_knobs() {
  static const std::vector<EndpointKnob> kKnobs = {
      {integer("port", 8080).at_least(0).at_most(65535).help("Port to listen on; 0 takes any free one."),
       {"SAGEMAKER_BIND_TO_PORT"}},
      {integer("max-payload-mb", 25)
           .at_least(0)
           .at_most(4096)
           .help("Largest request body in MB, 0: as large as all together; asynchronous requests may need 1024."),
       {"SAGEMAKER_MAX_PAYLOAD_IN_MB"}},
      {boolean("multi-model", false).help("Whether the platform loads and unloads models (POST /models)."),
       {"SAGEMAKER_MULTI_MODEL"}},
      {integer("models-memory-mb", 0)
           .at_least(0)
           .at_most(1 << 24)
           .help("Memory for all models together; 0 allows what is left of memory."),
       {"SMLT_MODELS_MEMORY_MB"}},
      {boolean("batch", false).help("Whether this is a batch transform job: answers have one line per record."),
       {"SAGEMAKER_BATCH"}},
      {boolean("final-newline", true)
           .help("Whether answers end with a line feed in a batch transform job; with AssembleWith=Line it leaves "
                 "blank lines."),
       {"SMLT_FINAL_NEWLINE"}},
      {text("default-accept", "application/json").help("Type of an answer if the request names none."),
       {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"}},
      {integer("workers", 0).at_least(0).at_most(1024).help("Threads that predict; 0 uses one per processor."),
       {"SAGEMAKER_MODEL_SERVER_WORKERS", "SAGEMAKER_TS_MAX_WORKERS", "SAGEMAKER_TS_MIN_WORKERS"}},
      {integer("batch-size", 32).at_least(1).at_most(4096).help("Most requests that are predicted together."),
       {"SAGEMAKER_TS_BATCH_SIZE"}},
      {integer("max-batch-delay", 0)
           .at_least(0)
           .at_most(60000)
           .help("Milliseconds that a batch waits for more requests; 0 does not wait."),
       {"SAGEMAKER_TS_MAX_BATCH_DELAY"}},
      {integer("queue-size", 1024)
           .at_least(1)
           .at_most(1000000)
           .help("Requests that may wait; more are refused with 503."),
       {"SMLT_QUEUE_SIZE"}},
      {real("timeout", 0)
           .at_least(0)
           .at_most(3600)
           .help("Seconds until a request without an answer gets 504; 0: 60, and 600 in a batch transform job."),
       {"SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", "SAGEMAKER_MODEL_SERVER_TIMEOUT", "SAGEMAKER_TS_RESPONSE_TIMEOUT"}},
      {real("idle-timeout", 120)
           .at_least(0.1)
           .at_most(86400)
           .help("Seconds until a connection without a request is closed."),
       {"SMLT_IDLE_TIMEOUT"}},
      {integer("max-connections", 16384).at_least(1).at_most(1000000).help("Most connections open at once."),
       {"SMLT_MAX_CONNECTIONS"}},
      {integer("max-buffered-mb", 0)
           .at_least(0)
           .at_most(1 << 20)
           .help("Bodies of all requests together; 0 allows a quarter of memory."),
       {"SMLT_MAX_BUFFERED_MB"}},
      {choice("device", "auto", {"auto", "cpu", "cuda"}).help("Where to predict; auto uses a GPU if there is one."),
       {"SMLT_DEVICE"}},
      {choice("compiled", "on", {"on", "off"})
           .help("Whether packages that the AOTInductor compiled may run; they are their author's native code."),
       {"SMLT_COMPILED"}},
      {choice("precision", "auto", {"auto", "fp32", "bf16"})
           .help("Number format of the network; auto is fp32, bf16 is faster on processors with AMX or AVX512-BF16."),
       {"SMLT_PRECISION"}},
      {integer("log-level", 20)
           .at_least(0)
           .at_most(100)
           .help("As in Python's logging: 10 logs every request, 20 errors and requests with an Inference-Id."),
       {"SAGEMAKER_CONTAINER_LOG_LEVEL"}},
  };
  return kKnobs;
}

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
