#include <algorithm>
#include <iterator>

#include "settings/endpoint.hpp"

namespace smlt::settings {
namespace {

using Knobs = std::vector<EndpointKnob>;

// What clients may send, and how long they may take.
Knobs connection_knobs() {
  return {
      {integer("port", 8080).at_least(0).at_most(65535).help("Port to listen on; 0 takes any free one."),
       {"SAGEMAKER_BIND_TO_PORT"}},
      {integer("max-payload-mb", 25)
           .at_least(0)
           .at_most(4096)
           .help("Largest request body in MB, 0: as large as all together; asynchronous requests may need 1024."),
       {"SAGEMAKER_MAX_PAYLOAD_IN_MB"}},
      {integer("max-buffered-mb", 0)
           .at_least(0)
           .at_most(1 << 20)
           .help("Bodies of all requests together; 0 allows a quarter of memory."),
       {"SMLT_MAX_BUFFERED_MB"}},
      {integer("max-connections", 16384).at_least(1).at_most(1000000).help("Most connections open at once."),
       {"SMLT_MAX_CONNECTIONS"}},
      {real("idle-timeout", 120)
           .at_least(0.1)
           .at_most(86400)
           .help("Seconds until a connection without a request is closed."),
       {"SMLT_IDLE_TIMEOUT"}},
      {integer("log-level", 20)
           .at_least(0)
           .at_most(100)
           .help("As in Python's logging: 10 logs every request, 20 errors and requests with an Inference-Id."),
       {"SAGEMAKER_CONTAINER_LOG_LEVEL"}},
  };
}

// How requests are predicted.
Knobs prediction_knobs() {
  return {
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
      {boolean("batch", false).help("Whether this is a batch transform job: answers have one line per record."),
       {"SAGEMAKER_BATCH"}},
      {boolean("final-newline", true)
           .help("Whether answers end with a line feed in a batch transform job; with AssembleWith=Line it leaves "
                 "blank lines."),
       {"SMLT_FINAL_NEWLINE"}},
  };
}

// Which models there are, and how they compute.
Knobs model_knobs() {
  return {
      {boolean("multi-model", false).help("Whether the platform loads and unloads models (POST /models)."),
       {"SAGEMAKER_MULTI_MODEL"}},
      {integer("models-memory-mb", 0)
           .at_least(0)
           .at_most(1 << 24)
           .help("Memory for all models together; 0 allows what is left of memory."),
       {"SMLT_MODELS_MEMORY_MB"}},
      {choice("device", "auto", {"auto", "cpu", "cuda"}).help("Where to predict; auto uses a GPU if there is one."),
       {"SMLT_DEVICE"}},
      {choice("compiled", "on", {"on", "off"})
           .help("Whether packages that the AOTInductor compiled may run; they are their author's native code."),
       {"SMLT_COMPILED"}},
      {choice("precision", "auto", {"auto", "fp32", "bf16"})
           .help("Number format of the network; auto is fp32, bf16 is faster on processors with AMX or AVX512-BF16."),
       {"SMLT_PRECISION"}},
  };
}

}  // namespace

const std::vector<EndpointKnob>& endpoint_knobs() {
  static const Knobs kKnobs = [] {
    Knobs all;
    for (Knobs knobs : {connection_knobs(), prediction_knobs(), model_knobs()}) {
      std::move(knobs.begin(), knobs.end(), std::back_inserter(all));
    }
    return all;
  }();
  return kKnobs;
}

}  // namespace smlt::settings
