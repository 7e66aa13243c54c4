#include "serve/joined.hpp"

#include <torch/torch.h>

#include <algorithm>

#include "codec/array/shape.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace {

at::Tensor answered(const at::Tensor& rows, const Forward& forward) {
  at::Tensor output = forward(rows).toTensor();
  if (output.dim() >= 1 && output.size(0) == rows.size(0)) return output;
  throw model_error("Expected an output of the model for each of {} rows, found shape {}.", rows.size(0),
                    codec::shape_text(output.sizes()));
}

at::Tensor run_in_pieces(const at::Tensor& rows, const Forward& forward, const JoinLimits& limits) {
  const int64_t count = rows.size(0);
  const int64_t most = count == 0 ? 1 : limits.rows_of(static_cast<int64_t>(rows.nbytes()) / count);
  if (count <= most) return answered(rows, forward);
  std::vector<at::Tensor> outputs;
  size_t bytes = 0;
  for (int64_t row = 0; row < count; row += most) {
    outputs.push_back(answered(rows.narrow(0, row, std::min(most, count - row)), forward));
    bytes += outputs.back().nbytes();
    if (bytes > static_cast<size_t>(limits.output_bytes)) throw answer_too_large(limits.output_bytes);
  }
  return at::cat(outputs);
}

Outcome run_alone(const std::function<c10::IValue()>& run) {
  try {
    return {run(), nullptr};
  } catch (...) {
    return {{}, std::current_exception()};
  }
}

bool can_join(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.dim() == b.dim() && a.sizes().slice(1) == b.sizes().slice(1);
}

// The positions in `inputs` of those that run together, each group keyed by its first.
std::vector<std::vector<size_t>> groups_of(std::span<const at::Tensor> inputs) {
  std::vector<std::vector<size_t>> groups;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const std::vector<size_t>& members) {
      return can_join(inputs[members.front()], inputs[i]);
    });
    if (group == groups.end()) {
      groups.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  return groups;
}

// Returns false if that did not work; then nothing was written.
bool run_together(std::span<const at::Tensor> inputs, const std::vector<size_t>& members, const Forward& forward,
                  const JoinLimits& limits, std::vector<Outcome>& outcomes) {
  std::vector<at::Tensor> rows;
  for (const size_t member : members) rows.push_back(inputs[member]);
  const Outcome together = run_alone([&] { return run_in_pieces(at::cat(rows), forward, limits); });
  if (together.error) return false;
  const at::Tensor output = together.output.toTensor();
  int64_t first = 0;
  for (const size_t member : members) {
    const int64_t count = inputs[member].size(0);
    outcomes[member].output = output.narrow(0, first, count);
    first += count;
  }
  return true;
}

}  // namespace

int64_t JoinLimits::rows_of(int64_t row_bytes) const {
  return std::clamp<int64_t>(bytes / std::max<int64_t>(1, row_bytes), 1, std::max<int64_t>(1, rows));
}

std::vector<Outcome> run_joined(std::span<const at::Tensor> inputs, const Forward& forward, const JoinLimits& limits) {
  std::vector<Outcome> outcomes(inputs.size());
  for (const std::vector<size_t>& members : groups_of(inputs)) {
    if (members.size() > 1 && run_together(inputs, members, forward, limits, outcomes)) continue;
    for (const size_t member : members) {
      outcomes[member] = run_alone([&] { return run_in_pieces(inputs[member], forward, limits); });
    }
  }
  return outcomes;
}

std::vector<Outcome> run_apart(std::span<const at::Tensor> inputs, const Forward& forward) {
  std::vector<Outcome> outcomes;
  for (const at::Tensor& input : inputs) {
    outcomes.push_back(run_alone([&] { return forward(input); }));
  }
  return outcomes;
}

}  // namespace smlt::serve
