// The interface between the program, which does not link LibTorch, and libsmlt.so, which does.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "base/ending.hpp"
#include "base/output.hpp"
#include "cards/card.hpp"
#include "http/message.hpp"
#include "platform/job.hpp"
#include "settings/endpoint.hpp"

namespace smlt {

/// How the job's processes work together; by default there is one on each host.
struct Processes {
  int per_host = 1;
  int local_rank = 0;  // of this process among those of its host
  uint16_t port = platform::kMasterPort;
  bool scales_learning_rate = false;  // by the number of all processes, as the tutorial's Horovod script does
  /// Called on another thread when the job has failed on another rank: ends this process with that reason.
  std::function<void(const Ending&)> on_failure = {};
  /// Called with the reason of a failure before this process has joined the others, and before it tells them, which can
  /// take a while.
  std::function<void(const Ending&)> keep_reason = {};
};

/// One job, checked as far as possible without LibTorch. Everything outlives the call.
struct TrainRequest {
  const platform::Job& job;
  const cards::Card& card;
  const settings::Settings& settings;
  cards::Found& found;   // which has chosen its data
  bool dry_run = false;  // open and check the data, train nothing, write nothing
  int threads = 1;
  Processes processes = {};
};

struct PredictRequest {
  std::filesystem::path model_directory;
  std::span<const std::string> files;  // FILE, or FILE#ROW for a row of an IDX or CSV file
  int threads = 1;
};

struct ServeRequest {                     // everything is copied by the callee
  std::filesystem::path model_directory;  // below which all lie if there are many models
  settings::Endpoint settings;
  /// Called, from any thread and more than once, with the reason why no request can be answered any longer: the GPU has
  /// failed.
  std::function<void(std::exception_ptr)> on_lost_device = {};
};

/// The model's side of a running endpoint, or that of many models. All are called on the server's input/output thread
/// and must not block.
struct Endpoint {
  http::Handler invoke;                             // POST /invocations, or POST /models/{name}/invoke
  std::function<std::string()> metrics;             // its lines of /metrics, in Prometheus' text format
  std::function<bool(http::Request&)> takes_parts;  // whether a body with this head is answered in parts
  http::Handler models = {};                        // GET and POST /models
  http::Handler model = {};                         // GET and DELETE /models/{name}
};

/// What libsmlt.so offers. Errors are exceptions (base/error.hpp).
struct Engine {
  const char* version;  // of the project; the program refuses a library of another version
  void (*train)(const TrainRequest& request, Output& output, const std::stop_token& stop);
  /// Tells the other ranks of the job, once they are there, that this one has failed before it could join them.
  void (*report_failure)(const platform::Cluster& cluster, const Processes& processes, const Ending& ending,
                         Output& log, const std::stop_token& stop);
  void (*predict)(const PredictRequest& request, Output& output);
  /// Loads, freezes and warms the model; returns when it is ready to answer.
  Endpoint (*serve)(const ServeRequest& request, Output& log) = nullptr;
};

/// The name under which libsmlt.so exports `extern "C" const Engine* smlt_engine()`.
inline constexpr const char* kEngineSymbol = "smlt_engine";

}  // namespace smlt
