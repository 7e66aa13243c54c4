#include "models/birds/pretrained.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include <map>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tensor/state_dict.hpp"

namespace smlt::models::birds {
namespace {

using Weights = std::map<std::string, at::Tensor>;

struct Misfit {
  std::vector<std::string> missing;
  std::vector<std::string> shapes;  // "'conv1.weight' is 64x3x3x3 instead of 64x3x7x7"

  bool fits() const { return missing.empty() && shapes.empty(); }
};

std::string shape_text(const at::Tensor& tensor) {
  return tensor.dim() == 0 ? "a single number" : fmt::format("{}", fmt::join(tensor.sizes().vec(), "x"));
}

// Files older than PyTorch 0.4.1 lack the count of batches, which nothing here uses.
bool may_be_missing(const std::string& name) { return name.ends_with("num_batches_tracked"); }

tensor::NamedTensors trunk_of(const Net& net) {
  tensor::NamedTensors trunk = tensor::state_dict(net);
  const std::string head = fmt::format("{}.", net.head_name());
  std::erase_if(trunk, [&](const auto& entry) { return entry.first.starts_with(head); });
  return trunk;
}

Misfit misfit_of(const Net& net, const Weights& weights) {
  Misfit misfit;
  for (const auto& [name, tensor] : trunk_of(net)) {
    const auto found = weights.find(name);
    if (found == weights.end()) {
      if (!may_be_missing(name)) misfit.missing.push_back(in_quotes(name));
    } else if (found->second.sizes() != tensor.sizes()) {
      misfit.shapes.push_back(
          fmt::format("{} is {} instead of {}", in_quotes(name), shape_text(found->second), shape_text(tensor)));
    }
  }
  return misfit;
}

// Of the dictionary that fits best, and of the file around it.
std::string keys_text(const tensor::StateDict& state) {
  constexpr size_t kShown = 4;
  std::string names = quoted_few(state.names, kShown);
  if (state.path.empty()) return names;
  return fmt::format("{}, and under {} {}", quoted_few(state.keys, kShown), in_quotes(state.path), names);
}

std::string advice(const std::string& backbone, const Weights& weights) {
  for (const std::string& other : backbone_names()) {
    if (other != backbone && misfit_of(*make_net(other, {.classes = 2}), weights).fits()) {
      return fmt::format("the file fits backbone={}", other);
    }
  }
  return "the file fits none of the backbones " + listed(backbone_names());
}

[[noreturn]] void refuse(const Misfit& misfit, const std::string& backbone, const tensor::StateDict& state,
                         const Weights& weights, const std::filesystem::path& file) {
  constexpr size_t kShown = 3;
  std::vector<std::string> found;
  if (!misfit.missing.empty())
    found.push_back(fmt::format("{} missing ({})", misfit.missing.size(), listed_few(misfit.missing, kShown)));
  if (!misfit.shapes.empty())
    found.push_back(fmt::format("{} of another shape ({})", misfit.shapes.size(), listed_few(misfit.shapes, kShown)));
  throw UserError("Expected the weights of {} under torchvision's names in {}, found {}; the file has the keys {}; {}.",
                  backbone, in_quotes(file.native(), 200), listed(found), keys_text(state), advice(backbone, weights));
}

void check_numbers(const std::string& name, const at::Tensor& found, const at::Tensor& wanted,
                   const std::filesystem::path& file) {
  if (!wanted.is_floating_point()) return;  // BatchNorm's counter
  if (!found.is_floating_point()) {
    throw UserError("Expected weights of a floating-point type in {}, found {} of type {}.",
                    in_quotes(file.native(), 200), in_quotes(name), c10::toString(found.scalar_type()));
  }
  if (found.isfinite().all().item<bool>()) return;
  throw UserError(
      "Expected finite weights in {}, found NaN or infinity in {}; use those from a run that did not diverge.",
      in_quotes(file.native(), 200), in_quotes(name));
}

}  // namespace

void load_trunk(Net& net, const std::string& backbone, const std::filesystem::path& file) {
  const tensor::NamedTensors trunk = trunk_of(net);
  const tensor::StateDict state = tensor::read_state_dict(file, trunk);
  const Weights weights(state.tensors.begin(), state.tensors.end());
  const Misfit misfit = misfit_of(net, weights);
  if (!misfit.fits()) refuse(misfit, backbone, state, weights, file);
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : trunk) {
    const auto found = weights.find(name);
    if (found == weights.end()) continue;
    check_numbers(name, found->second, tensor, file);
    tensor.copy_(found->second);
  }
}

}  // namespace smlt::models::birds
