#include "engine/engine.hpp"

#include <c10/util/Exception.h>

#include <string>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "jobs/predict_job.hpp"
#include "jobs/serve_job.hpp"
#include "jobs/train_job.hpp"
#include "tensor/failure.hpp"

namespace smlt {
namespace {

// LibTorch's own exceptions have a type the program does not know; their first line is the message, the rest a stack
// trace.
template <typename Job>
auto translated(Job job) {
  try {
    return job();
  } catch (const c10::Error& e) {
    const std::string cause = printable(e.what_without_backtrace());
    if (tensor::is_out_of_memory(e)) throw PlatformError("Out of memory: {}.", cause);
    if (tensor::is_cuda_error(e)) {
      throw PlatformError("Expected a working GPU, found one that has failed: {}.", cause);
    }
    throw AlgorithmError("LibTorch refused an operation, which is a bug in this program: {}.", cause);
  }
}

void train(const TrainRequest& request, Output& output, const std::stop_token& stop) {
  translated([&] { train_job(request, output, stop); });
}

void predict(const PredictRequest& request, Output& output) {
  translated([&] { predict_job(request, output); });
}

Endpoint serve(const ServeRequest& request, Output& log) {
  return translated([&] { return serve_job(request, log); });
}

constexpr Engine kEngine = {version(), train, predict, serve};

}  // namespace
}  // namespace smlt

extern "C" __attribute__((visibility("default"))) const smlt::Engine* smlt_engine() { return &smlt::kEngine; }
