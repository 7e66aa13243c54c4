#include "compiled/compiled.hpp"

#include <fmt/format.h>
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

std::vector<int64_t> with_rows(const at::Tensor& like, int64_t rows) {
  std::vector<int64_t> sizes = like.sizes().vec();
  sizes[0] = rows;
  return sizes;
}

bool has_rows(const c10::IValue& output, int64_t rows) {
  return output.isTensor() && output.toTensor().dim() > 0 && output.toTensor().size(0) == rows;
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

  c10::IValue forward(const at::Tensor& input) const override;
  int64_t weight_bytes() const override { return weight_bytes_; }
  std::optional<at::ScalarType> weight_type() const override { return weight_type_; }
  bool uses_operator_threads() const override { return false; }  // but as many as the machine had that compiled it
  bool takes_a_tensor() const override { return spec_.takes_a_tensor(); }
  bool returns_structures() const override { return spec_.returns_structures(); }
  int64_t most_rows(const at::Tensor& rows) override;
  std::string speed_up(std::span<const at::Tensor>) override;

 private:
  c10::IValue output_of(const at::Tensor& input) const;
  at::Tensor tried(const at::Tensor& rows) const;
  int64_t least_rows(const at::Tensor& row) const;

  Package package_;  // outlives the runner, which may open its files
  std::unique_ptr<Runner> runner_;
  CallSpec spec_;
  int64_t least_rows_ = 1;  // that it takes at once
  int64_t weight_bytes_ = 0;
  std::optional<at::ScalarType> weight_type_;
};

c10::IValue Compiled::output_of(const at::Tensor& input) const {
  try {
    return spec_.arranged(runner_->run({with_plain_strides(input)}));
  } catch (const std::exception& e) {
    if (tensor::is_out_of_memory(e)) throw std::bad_alloc();
    throw std::runtime_error(reason_in(e));
  }
}

// torch.export takes two rows as the least unless it is told otherwise, and the compiler may raise that.
int64_t Compiled::least_rows(const at::Tensor& row) const {
  std::string reason;
  for (const int64_t count : {1, 2, 4, 8, 16, 32}) {
    try {
      const c10::IValue output = output_of(row.expand(with_rows(row, count)));
      if (has_rows(output, count)) return count;
      reason = "it does not return one tensor with a row for each";
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      if (reason.empty()) reason = e.what();
    }
  }
  throw UserError(
      "Expected a package that takes rows of the shape in model.json, any number of them, in {}, found that it does "
      "not: "
      "{}; compile it with a dynamic dimension 0, as examples/compile-model.py does.",
      package_.name, reason);
}

// Rows are independent of each other, so repeating one changes nothing for it.
c10::IValue Compiled::forward(const at::Tensor& input) const {
  if (least_rows_ == 1 || input.dim() == 0 || input.size(0) == 0 || input.size(0) >= least_rows_) {
    return output_of(input);
  }
  const int64_t count = input.size(0);
  const at::Tensor filling = input.narrow(0, 0, 1).expand(with_rows(input, least_rows_ - count));
  const c10::IValue output = output_of(at::cat({input, filling}));
  return has_rows(output, least_rows_) ? c10::IValue(output.toTensor().narrow(0, 0, count)) : output;
}

// Undefined if it refuses them.
at::Tensor Compiled::tried(const at::Tensor& rows) const {
  try {
    const c10::IValue output = forward(rows);
    return has_rows(output, rows.size(0)) ? output.toTensor() : at::Tensor();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return {};
  }
}

// A network may have been exported for one row alone, and the compiler may have set a limit of its own.
int64_t Compiled::most_rows(const at::Tensor& rows) {
  const at::Tensor one = rows.narrow(0, 0, 1);
  least_rows_ = least_rows(one);
  const at::Tensor expected = forward(one).toTensor();
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

std::string Compiled::speed_up(std::span<const at::Tensor>) {
  if (least_rows_ == 1) return "The model is compiled: it runs as its package was made.";
  return fmt::format(
      "The model is compiled: it runs as its package was made, which refuses fewer than {} rows, so fewer "
      "are filled up; compile it for one row and more.",
      least_rows_);
}

// The loader may not execute what lies in /tmp if that is mounted so.
std::string advice_for(const std::string& reason) {
  return reason.find("failed to map segment") != std::string::npos
             ? "mount /tmp without noexec, or put the unpacked package into the model directory"
             : "compile it again with the version that serves it";
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
    const std::string reason = reason_in(e);
    throw UserError("Expected a package that can be loaded in {}, found one that cannot: {} ({}); {}.", package.name,
                    reason, versions(package), advice_for(reason));
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
