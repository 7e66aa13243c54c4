#include "engine/engine.hpp"

#include "base/version.hpp"
#include "jobs/predict_job.hpp"
#include "jobs/serve_job.hpp"
#include "jobs/train_job.hpp"
#include "jobs/translated.hpp"

namespace smlt {
namespace {

void train(const TrainRequest& request, Output& output, const std::stop_token& stop) {
  translated([&] { train_job(request, output, stop); });
}

void predict(const PredictRequest& request, Output& output) {
  translated([&] { predict_job(request, output); });
}

Endpoint serve(const ServeRequest& request, Output& log) {
  return translated([&] { return serve_job(request, log); });
}

constexpr Engine kEngine = {version(), train, report_failure, predict, serve};

}  // namespace
}  // namespace smlt

extern "C" __attribute__((visibility("default"))) const smlt::Engine* smlt_engine() { return &smlt::kEngine; }
