#include "jobs/native_net.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cards/card.hpp"
#include "codec/array/shape.hpp"
#include "jobs/make_model.hpp"
#include "tensor/safetensors.hpp"

namespace smlt {
namespace {

constexpr size_t kLargestWeights = size_t{16} << 30;
constexpr int64_t kAnyInput = int64_t{1} << 20;  // elements of a row whose network is small whatever its weights

const cards::Card& card_of(const artifact::Manifest& manifest) {
  std::vector<std::string> names;
  for (const cards::Card& card : cards::cards()) {
    if (card.name == manifest.model) return card;
    names.push_back(card.name);
  }
  throw UserError(
      "Expected a model of this program ({}) in a model.json without a model.pt beside it, found {}; save "
      "its network as TorchScript too.",
      listed(names), in_quotes(manifest.model));
}

std::vector<settings::RawSetting> hyperparameters(const artifact::Manifest& manifest) {
  std::vector<settings::RawSetting> raw;
  for (const auto& [name, value] : manifest.hyperparameters) {
    const std::string text = value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
    raw.push_back({std::string(name), text, "model.json"});
  }
  return raw;
}

tensor::NamedTensors read_weights(const std::filesystem::path& file) {
  try {
    return tensor::from_safetensors(read_file(file, kLargestWeights)).tensors;
  } catch (const std::invalid_argument& e) {
    throw UserError(
        "Expected weights in the safetensors format in {}, found a file that cannot be read: {}; copy it "
        "again.",
        in_quotes(file.native(), 200), e.what());
  }
}

// What model.json says about the data. No network may be made that is much larger than the weights for it.
data::DataSet described(const artifact::Manifest& manifest, const tensor::NamedTensors& weights) {
  int64_t most = 0;
  for (const auto& [name, tensor] : weights) most += tensor.numel();
  std::vector<int64_t> shape = {0};
  double elements = 1;
  for (size_t i = 1; i < manifest.input_shape.size(); ++i) {
    shape.push_back(std::max<int64_t>(0, manifest.input_shape[i].value_or(0)));
    elements *= static_cast<double>(shape.back());
  }
  const auto classes = static_cast<int64_t>(manifest.labels.size());
  const double pixels = manifest.image ? static_cast<double>(manifest.image->crop_height) *
                                             static_cast<double>(manifest.image->crop_width)
                                       : 0;
  if (std::max(elements, pixels) > static_cast<double>(std::max(most, kAnyInput)) || classes > most || classes == 0 ||
      shape.size() < 2) {
    throw UserError(
        "Expected inputs and labels in model.json that fit {} weights, found inputs of shape {} and {}; "
        "take both files from the same job.",
        most, codec::shape_text(at::IntArrayRef(shape).slice(1)), counted(classes, "label"));
  }
  data::DataSet data;
  data.train.inputs = torch::empty(shape);
  data.labels = manifest.labels;
  if (manifest.image) data.image = *manifest.image;
  return data;
}

[[noreturn]] void refuse_weights(const std::filesystem::path& file, const std::string& model,
                                 const std::string& found) {
  throw UserError(
      "Expected the weights of model {} as model.json describes it in {}, found {}; take both files from "
      "the same job.",
      in_quotes(model), in_quotes(file.native(), 200), found);
}

void copy_weights(tensor::Net& net, const tensor::NamedTensors& weights, const std::string& model,
                  const std::filesystem::path& file) {
  const torch::NoGradGuard no_grad;
  const tensor::NamedTensors wanted = tensor::state_dict(net);
  for (const auto& [name, target] : wanted) {
    const auto found =
        std::find_if(weights.begin(), weights.end(), [&](const auto& each) { return each.first == name; });
    if (found == weights.end()) refuse_weights(file, model, "no tensor " + in_quotes(name));
    if (found->second.sizes() != target.sizes()) {
      refuse_weights(file, model,
                     fmt::format("{} of shape {} where {} belongs", in_quotes(name),
                                 codec::shape_text(found->second.sizes()), codec::shape_text(target.sizes())));
    }
    at::Tensor(target).copy_(found->second);
  }
  if (weights.size() == wanted.size()) return;
  refuse_weights(file, model, fmt::format("{} where {} belong", counted(std::ssize(weights), "tensor"), wanted.size()));
}

}  // namespace

std::shared_ptr<tensor::Net> native_net(const artifact::Manifest& manifest, const std::filesystem::path& weights) {
  const cards::Card& card = card_of(manifest);
  const std::vector<settings::Knob> knobs = cards::all_knobs(card);
  std::vector<std::string> warnings;
  const settings::Settings settings(knobs, hyperparameters(manifest), warnings);
  const auto model = make_model(card.name, settings);
  const tensor::NamedTensors stored = read_weights(weights);
  const std::shared_ptr<tensor::Net> net = model->net_for(described(manifest, stored), stored);
  copy_weights(*net, stored, manifest.model, weights);
  net->eval();
  return net;
}

}  // namespace smlt
