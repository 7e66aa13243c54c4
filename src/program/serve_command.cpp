#include "program/serve_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>

#include "base/ending.hpp"
#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/uptime.hpp"
#include "base/version.hpp"
#include "http/media_type.hpp"
#include "http/server.hpp"
#include "machine/file_limit.hpp"
#include "machine/quota.hpp"
#include "platform/tree.hpp"
#include "program/arguments.hpp"
#include "program/endpoint_routes.hpp"
#include "program/library.hpp"
#include "settings/endpoint.hpp"

namespace smlt {
namespace {

// `docker stop` kills after 10 s.
constexpr std::chrono::milliseconds kDrainLimit{9000};
constexpr std::chrono::milliseconds kLastLines{500};
constexpr std::chrono::milliseconds kLastAnswers{1000};  // to those whose requests have shown the failure
constexpr int kThreadsOfAWorker = 1;
constexpr size_t kOtherFiles = 64;  // the process's own, beside the connections

http::ServerOptions server_options(const settings::Endpoint& settings) {
  http::ServerOptions options;
  options.port = settings.port;
  options.logs_all = settings.log_requests;
  options.limits.max_body = static_cast<size_t>(settings.max_body);
  options.limits.open_parts = 2 * static_cast<size_t>(settings.workers);  // one each at work, one each waiting
  options.limits.max_buffered = static_cast<size_t>(settings.max_buffered);
  const size_t files = std::max<size_t>(machine::raise_file_limit(), 2 * kOtherFiles);
  options.limits.max_connections = std::min(static_cast<size_t>(settings.max_connections), files - kOtherFiles);
  options.limits.answer = settings.timeout;
  options.limits.idle = settings.idle_timeout;
  return options;
}

// LibTorch alone takes 60 MB of its own; what else it has is pages of its libraries, which the kernel may drop.
void check_memory() {
  constexpr int64_t kLeast = int64_t{96} << 20;
  const int64_t memory = machine::usable_memory().value_or(kLeast);
  if (memory >= kLeast) return;
  throw PlatformError("Expected at least {} MB of memory for an endpoint, found a limit of {} MB; raise it.",
                      kLeast >> 20, memory >> 20);
}

void check_default_accept(const settings::Endpoint& settings) {
  if (http::parse_media_type(settings.default_accept)) return;
  throw UserError("Setting default-accept must be a media type such as application/json, but it is {}.",
                  in_quotes(settings.default_accept));
}

// The platform does not tell how it assembles the answers.
std::string batch_sentence(const settings::Endpoint& settings) {
  return settings.final_newline ? "Batch transform: a line for each record, a line feed after the last of an answer; "
                                  "SMLT_FINAL_NEWLINE=false "
                                  "leaves that out, if AssembleWith=Line adds one."
                                : "Batch transform: a line for each record, no line feed after the last of an answer; "
                                  "only AssembleWith=Line "
                                  "adds one.";
}

// A stdout that nobody reads blocks every thread that writes to it, and every thread that waits for one of those.
void end_after_drain(int code) {
  try {
    std::thread([code] {
      std::this_thread::sleep_for(kDrainLimit + kLastLines);
      ::_exit(code);
    }).detach();
  } catch (const std::system_error&) {  // no thread is available; the drain itself needs none
  }
}

// Ends the input/output thread on every way out: it is joined there.
struct Drained {
  http::Server& server;
  ~Drained() { server.drain(std::chrono::milliseconds(0)); }
};

// What ends the endpoint: a model that cannot be loaded, a GPU that has failed. Outlives the workers that report it.
class Failure {
 public:
  /// Only the first one counts.
  void set(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    changed_.notify_all();
  }

  /// Waits until there is one, or until a stop is requested; null in that case.
  std::exception_ptr wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return error_ != nullptr; });
    return error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::exception_ptr error_;
};

}  // namespace

void serve(Arguments arguments, const Environment& environment, Output& output) {
  set_compute_threads(kThreadsOfAWorker);
  check_inputs_of_compiled_code();
  const StopOnSignal stop;
  const std::stop_callback limit(stop.token(), [] { end_after_drain(0); });
  const std::optional<std::string> given = take_option(arguments, "--model-dir");
  const settings::Endpoint settings = settings::read_endpoint(arguments, environment);
  const platform::Tree tree = platform::read_tree(environment);
  const std::filesystem::path directory = given.value_or(settings.multi_model ? tree.models : tree.model);
  check_default_accept(settings);
  check_memory();

  EndpointRoutes routes(settings);
  http::Server* running = nullptr;
  http::Server server(server_options(settings), routes.routes([&running] { return running->metrics(); }), output);
  running = &server;
  std::jthread input_output([&server] { server.run(); });
  const Drained drained{server};
  output.line("sagemaker-libtorch {}: listening on port {}, {} in {}.", version(), server.port(),
              settings.multi_model ? "for models" : "loading the model", in_quotes(directory.native(), 200));

  if (settings.batch) output.line(batch_sentence(settings));

  const auto failure = std::make_shared<Failure>();
  const std::jthread loading([&] {
    try {
      const auto lost = [failure](std::exception_ptr error) { failure->set(std::move(error)); };
      auto endpoint = std::make_shared<Endpoint>(open_engine().serve({directory, settings, lost}, output));
      server.post([&routes, endpoint] { routes.open(std::move(*endpoint)); });
      output.line("Ready {:.2f} s after the start.", uptime_seconds());
    } catch (...) {
      failure->set(std::current_exception());
    }
  });
  if (const std::exception_ptr error = failure->wait(stop.token())) {
    end_after_drain(ending_of(error).code);
    server.drain(kLastAnswers);
    input_output.join();
    std::rethrow_exception(error);
  }
  server.drain(kDrainLimit);
  input_output.join();
  output.line("Stopped.");
  ::_exit(0);  // a load or an overdue prediction that still runs must not delay this
}

std::string serve_help() {
  std::string out =
      "sagemaker-libtorch serve [--model-dir DIR] [--NAME VALUE]...\n\nServes the model in /opt/ml/model: GET /ping, "
      "POST "
      "/invocations, GET /metrics, GET /execution-parameters.\nEach setting is an option or an environment variable:\n";
  for (const settings::EndpointKnob& setting : settings::endpoint_knobs()) {
    out += fmt::format("\n  --{} ({})\n      {} Default: {}.\n", setting.knob.name(), listed(setting.variables, "or"),
                       setting.knob.help(), settings::to_text(setting.knob.default_value()));
  }
  return out;
}

}  // namespace smlt
