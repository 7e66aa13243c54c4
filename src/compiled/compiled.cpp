#include "compiled/compiled.hpp"

#include <torch/csrc/inductor/aoti_runner/model_container_runner.h>
#include <torch/torch.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "compiled/call_spec.hpp"
#include "compiled/package.hpp"
#include "compiled/requirements.hpp"
#include "tensor/failure.hpp"

namespace smlt::compiled {
namespace {

using Runner = torch::inductor::AOTIModelContainerRunner;

constexpr double kTolerance = 1e-3;

// The reason in what the runner throws: "run_func_(...) API call failed at FILE, line N. REASON".
std::string reason_in(const std::exception& error) {
  const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error);
  std::string text = of_libtorch != nullptr ? of_libtorch->what_without_backtrace() : error.what();
  const size_t failed = text.find("API call failed at ");
  const size_t line = failed == std::string::npos ? failed : text.find(", line ", failed);
  if (line != std::string::npos) {
    const size_t end = text.find_first_not_of("0123456789", line + 7);
    const size_t reason = end == std::string::npos ? end : text.find_first_not_of(" .:\n", end);
    text = reason == std::string::npos ? "its code gives no reason" : text.substr(reason);
  }
  text.erase(std::min(text.find('\n'), text.size()));
  const std::string first(trimmed(text));
  return shortened(first.ends_with(".") ? first.substr(0, first.size() - 1) : first, 300);
}

// Contiguous also in dimensions of one row, whose strides say nothing: compiled code compares all strides.
at::Tensor with_plain_strides(const at::Tensor& input) {
  const at::Tensor contiguous = input.contiguous();
  std::vector<int64_t> strides(static_cast<size_t>(contiguous.dim()), 1);
  for (size_t i = strides.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * std::max<int64_t>(1, contiguous.size(static_cast<int64_t>(i)));
  }
  return contiguous.strides() == at::IntArrayRef(strides) ? contiguous
                                                          : contiguous.as_strided(contiguous.sizes(), strides);
}

class Compiled : public network::Network {
 public:
  Compiled(Package package, std::unique_ptr<Runner> runner, CallSpec spec)
      : package_(std::move(package)), runner_(std::move(runner)), spec_(std::move(spec)) {
    for (const auto& [name, weights] : runner_->extract_constants_map(/*use_inactive=*/false)) {
      weight_bytes_ += static_cast<int64_t>(weights.nbytes());
      if (!weight_type_ && weights.is_floating_point()) weight_type_ = weights.scalar_type();
    }
  }

  c10::IValue forward(const at::Tensor& input) const override {
    return spec_.arranged(outputs_of(with_plain_strides(input)));
  }
  int64_t weight_bytes() const override { return weight_bytes_; }
  std::optional<at::ScalarType> weight_type() const override { return weight_type_; }
  bool uses_operator_threads() const override { return false; }  // but as many as the machine had that compiled it
  bool takes_a_tensor() const override { return spec_.takes_a_tensor(); }
  bool returns_structures() const override { return spec_.returns_structures(); }
  int64_t most_rows(const at::Tensor& rows) const override;
  std::string speed_up(std::span<const at::Tensor>) override {
    return "The model is compiled: it runs as its package was made.";
  }

 private:
  std::vector<at::Tensor> outputs_of(const at::Tensor& input) const;
  at::Tensor tried(const at::Tensor& rows) const;
  void check_one_row(const at::Tensor& row) const;

  Package package_;  // outlives the runner, which may open its files
  std::unique_ptr<Runner> runner_;
  CallSpec spec_;
  int64_t weight_bytes_ = 0;
  std::optional<at::ScalarType> weight_type_;
};

std::vector<at::Tensor> Compiled::outputs_of(const at::Tensor& input) const {
  try {
    return runner_->run({input});
  } catch (const std::exception& e) {
    if (tensor::is_out_of_memory(e)) throw std::bad_alloc();
    throw std::runtime_error(reason_in(e));
  }
}

// Its output if it has one for each row, undefined otherwise.
at::Tensor Compiled::tried(const at::Tensor& rows) const {
  try {
    const c10::IValue output = forward(rows);
    const bool fits = output.isTensor() && output.toTensor().dim() > 0 && output.toTensor().size(0) == rows.size(0);
    return fits ? output.toTensor() : at::Tensor();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return {};
  }
}

void Compiled::check_one_row(const at::Tensor& row) const {
  if (tried(row).defined()) return;
  std::string reason = "it does not return one tensor with a row for each";
  try {
    static_cast<void>(forward(row));
  } catch (const std::exception& e) {
    reason = e.what();
  }
  throw UserError(
      "Expected a package that takes one row of the shape in model.json, and any number of them, in {}, found that it "
      "does not: {}; compile it with a dynamic dimension 0, as examples/compile-model.py does.",
      package_.name, reason);
}

// A network may have been exported for one row alone, and the compiler may have set a limit of its own.
int64_t Compiled::most_rows(const at::Tensor& rows) const {
  const at::Tensor one = rows.narrow(0, 0, 1);
  check_one_row(one);
  const at::Tensor expected = tried(one);
  const auto takes = [&](int64_t count) {
    const at::Tensor output = tried(rows.narrow(0, 0, count));
    return output.defined() &&
           at::allclose(output.narrow(0, 0, 1), expected, kTolerance, kTolerance, /*equal_nan=*/true);
  };
  if (takes(rows.size(0))) return rows.size(0);
  int64_t most = 1;
  for (int64_t refused = rows.size(0); refused - most > 1;) {
    const int64_t middle = most + (refused - most) / 2;
    (takes(middle) ? most : refused) = middle;
  }
  return most;
}

std::unique_ptr<Runner> started(const Package& package, c10::Device device, int threads) {
  const auto& runners = torch::inductor::getAOTIModelRunnerRegistry();
  const auto create = runners.find(c10::DeviceTypeName(device.type(), /*lower_case=*/true));
  try {
    if (create == runners.end()) throw std::runtime_error("there is nothing that runs compiled code for this device");
    return create->second(package.library, static_cast<size_t>(threads), device.str(), package.library.parent_path(),
                          /*run_single_threaded=*/false);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw UserError(
        "Expected a package that can be loaded in {}, found one that cannot: {} ({}); compile it again with "
        "the version that serves it.",
        package.name, reason_in(e), versions(package));
  }
}

CallSpec spec_of(const Package& package, Runner& runner) {
  try {
    const std::vector<std::string> texts = runner.get_call_spec();
    return {texts.at(0), texts.at(1)};
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw UserError("Expected a package that says how it is called in {}, found one that does not: {} ({}).",
                    package.name, reason_in(e), versions(package));
  }
}

}  // namespace

std::unique_ptr<network::Network> load(const std::filesystem::path& path, c10::Device device, int threads) {
  Package package = open_package(path);
  check_runs_here(package, device);
  std::unique_ptr<Runner> runner = started(package, device, threads);
  CallSpec spec = spec_of(package, *runner);
  if (!spec.takes_a_tensor()) {
    throw UserError(
        "Expected a compiled network that takes one tensor in {}, found one that takes something else; "
        "export one whose forward has a single argument.",
        package.name);
  }
  if (device.is_cpu()) package.unpacked.remove();  // all of it is in memory; a GPU's kernels are read when first used
  return std::make_unique<Compiled>(std::move(package), std::move(runner), std::move(spec));
}

}  // namespace smlt::compiled
