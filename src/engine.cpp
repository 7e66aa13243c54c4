#include "engine.hpp"

#include <c10/util/Exception.h>

#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "predict_job.hpp"
#include "serve_job.hpp"
#include "train_job.hpp"

namespace smlt {
namespace {

// Of its allocator on the processor there is no exception of a type of its own.
bool is_lack_of_memory(const c10::Error& error) {
  return std::string_view(error.what_without_backtrace()).find("DefaultCPUAllocator") != std::string_view::npos;
}

// Of a GPU that fails in mid-job there is none either, in all versions of LibTorch.
bool is_failure_of_gpu(const c10::Error& error) {
  return std::string_view(error.what_without_backtrace()).find("CUDA error: ") != std::string_view::npos;
}

// LibTorch's own exceptions are of a type the program does not know; their first line says what, the rest is a stack
// trace.
template <typename Job>
auto translated(Job job) {
  try {
    return job();
  } catch (const c10::OutOfMemoryError& e) {
    throw PlatformError("Out of memory: {}.", printable(e.what_without_backtrace()));
  } catch (const c10::Error& e) {
    if (is_lack_of_memory(e)) throw PlatformError("Out of memory: {}.", printable(e.what_without_backtrace()));
    if (is_failure_of_gpu(e)) {
      throw PlatformError("Expected a GPU that computes, found one that has failed: {}.",
                          printable(e.what_without_backtrace()));
    }
    throw AlgorithmError("LibTorch refused an operation, which is a bug in this program: {}.",
                         printable(e.what_without_backtrace()));
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
