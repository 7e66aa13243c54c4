#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/environment.hpp"
#include "settings/knob.hpp"

namespace smlt::settings {

/// How an endpoint runs, read once at its start. Sizes are bytes.
struct Endpoint {
  int port = 8080;                                  // 0: any free one
  int64_t max_body = int64_t{25} << 20;             // of one request
  int64_t max_buffered = int64_t{1} << 30;          // of all requests that are being received or answered
  int max_connections = 16384;                      // open at once; fewer if the process may open fewer files
  int workers = 1;                                  // threads that predict
  int batch_size = 32;                              // most requests a prediction takes together
  std::chrono::milliseconds batch_delay{0};         // how long a batch waits for more; 0: it takes what is waiting
  int queue_size = 1024;                            // most requests that wait for a prediction
  std::string default_accept = "application/json";  // if a request names no type or any type
  std::chrono::milliseconds timeout{60'000};        // for the answer to one request
  std::chrono::milliseconds idle_timeout{120'000};  // of a connection between requests
  std::string device = "auto";                      // auto, cpu or cuda, as for training
  std::optional<int64_t> num_gpus = {};             // SM_NUM_GPUS
  bool multi_model = false;                         // many models, loaded and unloaded by the platform
  int64_t models_memory = 0;                        // that they may take together
  bool batch = false;                               // a batch transform job
  bool final_newline = true;                        // of an answer in a batch transform job
  bool compiled = true;                             // whether compiled packages, which are native code, may run
  bool bfloat16 = false;                            // whether layers that gain from it compute in bfloat16
  bool log_requests = false;                        // a line for every request
};

/// One setting: an option of `serve` (--port) and the environment variables for it; the first one that is set counts.
struct EndpointKnob {
  Knob knob;
  std::vector<std::string> variables;
};

/// All settings, for parsing, help and documentation.
const std::vector<EndpointKnob>& endpoint_knobs();

/// The settings from the options of the command line, then the environment, then the defaults; what depends on the
/// machine (workers, max_buffered) is filled in. Other SAGEMAKER_* variables are ignored, SAGEMAKER_SAFE_PORT_RANGE is
/// checked but not used: one port is enough. Throws UserError naming option or variable, value and what it accepts, or
/// if this processor lacks what a setting needs. `processor` replaces /proc/cpuinfo in tests.
Endpoint read_endpoint(std::span<const std::string> command_line, const Environment& environment,
                       const std::filesystem::path& processor = "/proc/cpuinfo");

}  // namespace smlt::settings
