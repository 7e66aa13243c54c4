#include "serve/predictor.hpp"

#include <torch/script.h>
#include <torch/torch.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace {

torch::jit::Module load(const fs::path& path) {
  try {
    torch::jit::Module module = torch::jit::load(path.string());
    module.eval();
    return module;
  } catch (const c10::Error& e) {
    throw UserError("Expected a TorchScript model at {}, found a file that cannot be loaded: {}.",
                    in_quotes(path.native(), 200), printable(e.what_without_backtrace()).substr(0, 300));
  }
}

void require(const fs::path& directory, const char* file) {
  if (!fs::is_regular_file(directory / file)) {
    throw UserError(
        "Expected a trained model in {}, found no {}; train one first, or name its directory with --model-dir.",
        in_quotes(directory.native(), 200), file);
  }
}

at::Tensor probabilities_of(const at::Tensor& output, const std::string& kind) {
  if (kind == "log_probabilities") return output.exp();
  return output.softmax(1);
}

}  // namespace

Predictor::Predictor(const fs::path& model_directory) {
  require(model_directory, "model.json");
  require(model_directory, "model.pt");
  manifest_ = artifact::read_manifest(model_directory / "model.json");
  module_ = load(model_directory / "model.pt");
}

Prediction Predictor::predict(const codec::Image& image) const {
  if (!manifest_.image) {
    throw UserError("Expected a model of images, found model {} that takes other data.", in_quotes(manifest_.model));
  }
  const torch::NoGradGuard no_grad;
  const at::Tensor input = tensor::normalized(tensor::prepared(image, *manifest_.image), *manifest_.image);
  const at::Tensor output = module_.forward({input}).toTensor();
  const at::Tensor row = probabilities_of(output, manifest_.output).to(torch::kDouble).contiguous().view({-1});
  const auto best = row.argmax().item<int64_t>();
  if (static_cast<size_t>(row.numel()) != manifest_.labels.size()) {
    throw UserError(
        "Expected {} outputs, one a label of model.json, found {}; model.pt and model.json belong to different models.",
        manifest_.labels.size(), row.numel());
  }
  if (!row.isfinite().all().item<bool>()) {
    throw UserError(
        "Expected finite outputs of the model, found some that are not; it was trained with too high a learning rate, "
        "or "
        "model.json does not belong to it.");
  }
  const double* data = row.const_data_ptr<double>();
  return {manifest_.labels[static_cast<size_t>(best)], data[best], {data, data + row.numel()}};
}

}  // namespace smlt::serve
