#include "script/script.hpp"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <new>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "script/bfloat16_form.hpp"
#include "script/fast_form.hpp"
#include "script/trace.hpp"
#include "tensor/failure.hpp"

namespace smlt::script {
namespace {

const c10::FunctionSchema& schema_of(const torch::jit::Module& module) {
  return module.get_method("forward").function().getSchema();
}

bool takes_one_tensor(const c10::FunctionSchema& forward) {
  const auto& arguments = forward.arguments();
  if (arguments.size() < 2 || !c10::TensorType::get()->isSubtypeOf(*arguments[1].type())) return false;
  return std::all_of(arguments.begin() + 2, arguments.end(),
                     [](const c10::Argument& argument) { return argument.default_value().has_value(); });
}

// By the declared or scripted type of forward.
bool returns_no_tensor(const c10::FunctionSchema& forward) {
  const auto& returns = forward.returns();
  if (returns.size() != 1) return true;
  const c10::TypeKind kind = returns[0].type()->kind();
  static constexpr std::array kPlain = {c10::TypeKind::TupleType,  c10::TypeKind::ListType,  c10::TypeKind::DictType,
                                        c10::TypeKind::IntType,    c10::TypeKind::FloatType, c10::TypeKind::BoolType,
                                        c10::TypeKind::StringType, c10::TypeKind::NoneType,  c10::TypeKind::NumberType,
                                        c10::TypeKind::ComplexType};
  return std::find(kPlain.begin(), kPlain.end(), kind) != kPlain.end();
}

class Script : public network::Network {
 public:
  Script(torch::jit::Module module, c10::Device device)
      : module_(std::move(module)),
        takes_a_tensor_(takes_one_tensor(schema_of(module_))),
        returns_structures_(returns_no_tensor(schema_of(module_))) {
    module_.to(device);
    for (const at::Tensor& weights : module_.parameters()) {
      weight_bytes_ += static_cast<int64_t>(weights.nbytes());
      if (!weight_type_ && weights.is_floating_point()) weight_type_ = weights.scalar_type();
    }
  }

  c10::IValue forward(const at::Tensor& input) const override { return module_.forward({input}); }
  int64_t weight_bytes() const override { return weight_bytes_; }
  std::optional<at::ScalarType> weight_type() const override { return weight_type_; }
  bool takes_a_tensor() const override { return takes_a_tensor_; }
  bool returns_structures() const override { return returns_structures_; }
  int64_t to_bfloat16() override {
    const Bfloat16Form form = bfloat16_form(module_);
    module_ = form.module;
    weight_bytes_ -= form.bytes_saved;
    return form.layers;
  }
  std::string speed_up(std::span<const at::Tensor> inputs) override {
    FastForm fast = fastest_form(module_, inputs);
    module_ = fast.module;
    return fast.sentence;
  }

 private:
  mutable torch::jit::Module module_;  // forward is not const, though it changes nothing in eval mode
  bool takes_a_tensor_, returns_structures_;
  int64_t weight_bytes_ = 0;
  std::optional<at::ScalarType> weight_type_;
};

torch::jit::Module loaded(const std::filesystem::path& file) {
  try {
    return torch::jit::load(file.string(), torch::kCPU);
  } catch (const std::exception& e) {  // c10::Error, or what the unpickler throws
    if (tensor::is_out_of_memory(e)) throw std::bad_alloc();
    const auto* error = dynamic_cast<const c10::Error*>(&e);
    throw std::runtime_error(error != nullptr ? error->what_without_backtrace() : e.what());
  }
}

}  // namespace

// Through memory: LibTorch's own file writer ends the process if the disk is full (its destructor throws).
std::string exported(tensor::Net& net, const at::Tensor& example) {
  std::ostringstream out;
  to_script(net, example).save(out);
  return std::move(out).str();
}

std::unique_ptr<network::Network> load(const std::filesystem::path& file, c10::Device device) {
  torch::jit::Module module = loaded(file);
  if (!module.find_method("forward")) {
    throw UserError("Expected a model with a method forward in {}, found one without; save a whole torch.nn.Module.",
                    in_quotes(file.native(), 200));
  }
  module.eval();
  return std::make_unique<Script>(std::move(module), device);
}

void run_unchanged() { torch::jit::setGraphExecutorOptimize(false); }

}  // namespace smlt::script
