#include "train/step.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/text.hpp"
#include "tensor/operator_threads.hpp"
#include "tensor/shards.hpp"
#include "train/gradient_sum.hpp"

namespace smlt::train {
namespace {

// With fewer, a shard's own cost (calling some fifty operators) outweighs what another core saves; with more, its
// activations no longer fit into the core's cache.
constexpr int64_t kFewestShardRows = 16;
constexpr int64_t kMostShardRows = 64;

// Multiplications of a layer that touches each parameter once, summed over the batch: below, two threads inside the
// operators took 1.4 times as long as one (CIFAR-10 at batches of 4, 0.25 million) and 1.9 times (a table, 0.01).
constexpr int64_t kSmallStep = 4'000'000;

bool has_batch_norm_in_training(const tensor::Net& net) {
  const auto modules = net.modules();
  return std::any_of(modules.begin(), modules.end(), [](const auto& module) {
    return module->is_training() && (dynamic_cast<torch::nn::BatchNorm1dImpl*>(module.get()) != nullptr ||
                                     dynamic_cast<torch::nn::BatchNorm2dImpl*>(module.get()) != nullptr);
  });
}

struct Shard {
  double loss = 0;                    // its part of the batch's mean
  std::vector<at::Tensor> gradients;  // none if the loss is not finite
};

Shard run_shard(const StepContext& context, const Optimizer& optimizer, const at::Tensor& rows, double weight,
                const tensor::StepRandomness& randomness) {
  const tensor::RandomScope scope(randomness);
  const data::Batch batch = context.model.training_batch(context.data, rows).to(context.plan.device);
  const at::Tensor output = context.model.forward(context.net, batch);
  const at::Tensor loss = context.model.loss(output, batch.targets);
  const double value = weight * loss.item<double>();
  if (!std::isfinite(value)) return {value, {}};
  return {value, torch::autograd::grad({loss}, optimizer.parameters(), {torch::full_like(loss, weight)})};
}

// In the order of the shards, whichever finished first: the same bits every time.
Shard sum_of(std::vector<Shard>& shards) {
  const torch::NoGradGuard no_grad;
  Shard sum = std::move(shards[0]);
  for (size_t i = 1; i < shards.size(); ++i) {
    sum.loss += shards[i].loss;
    if (std::isfinite(sum.loss)) at::_foreach_add_(sum.gradients, shards[i].gradients);
  }
  return sum;
}

// This rank's part of the batch, which may have no rows.
Shard run_shards(const StepContext& context, const Optimizer& optimizer, const StepRows& rows,
                 const tensor::StepRandomness& randomness) {
  const int64_t size = rows.own.size(0);
  if (size == 0) return {};
  const int64_t shard_rows = context.plan.is_sharded() ? std::min(context.plan.shard_rows, size) : size;
  std::vector<Shard> shards(static_cast<size_t>((size + shard_rows - 1) / shard_rows));
  const auto run = [&](int64_t i) {
    tensor::StepRandomness here = randomness;
    here.first_row += i * shard_rows;
    const int64_t end = std::min((i + 1) * shard_rows, size);
    const at::Tensor part = rows.own.slice(0, i * shard_rows, end);
    const double weight = static_cast<double>(end - i * shard_rows) / static_cast<double>(rows.all);
    shards[static_cast<size_t>(i)] = run_shard(context, optimizer, part, weight, here);
  };
  const tensor::OperatorThreads limit(shards.size() == 1 ? context.plan.operator_threads : context.plan.threads);
  if (shards.size() == 1) {
    run(0);
  } else {
    tensor::for_each_shard(static_cast<int64_t>(shards.size()), context.plan.threads, run);
  }
  return sum_of(shards);
}

// A rank without rows, or with a loss that is not finite, has no gradients of its own.
StepResult step_of_several(const StepContext& context, Optimizer& optimizer, const StepRows& rows,
                           const tensor::StepRandomness& randomness, bool asks_to_stop,
                           std::vector<at::Tensor>& gradients) {
  GradientSum sum(context.ranks, optimizer, /*count=*/2);
  const bool at_once = !context.plan.is_sharded() || rows.own.size(0) <= context.plan.shard_rows;
  const bool follows = at_once && context.ranks.sums_in_background();
  if (follows) sum.follow_backward();
  Shard own = run_shards(context, optimizer, rows, randomness);
  if (!follows) sum.add(own.gradients);
  at::Tensor numbers = torch::tensor({own.loss, asks_to_stop ? 1.0 : 0.0}, torch::kFloat);
  gradients = sum.finish(numbers);
  return {numbers[0].item<double>(), numbers[1].item<double>() > 0};
}

}  // namespace

std::string StepPlan::text(int64_t batch_size) const {
  if (device.is_cuda()) return "each batch at once on the GPU";
  if (!is_sharded() || batch_size <= shard_rows)
    return "each batch at once, " + counted(operator_threads, "thread") + " inside operators";
  const int64_t rows = std::min(shard_rows, batch_size);
  const int64_t shards = (batch_size + rows - 1) / rows;
  return fmt::format("{} of up to {} on {}", counted(shards, "shard"), counted(rows, "row"),
                     counted(threads, "thread"));
}

StepPlan plan_step(const model::Model& model, const tensor::Net& net, int64_t batch_size, int threads) {
  int64_t parameters = 0;
  for (const at::Tensor& parameter : net.parameters()) parameters += parameter.numel();
  const int operator_threads = batch_size * parameters < kSmallStep ? 1 : threads;
  const c10::Device device = tensor::device_of(net);
  if (device.is_cuda()) return {0, threads, operator_threads, device};
  if (!model.rows_are_independent() || has_batch_norm_in_training(net)) return {0, threads, operator_threads};
  const int64_t rows = std::clamp((batch_size + threads - 1) / threads, kFewestShardRows, kMostShardRows);
  return {rows, threads, operator_threads};
}

StepResult step(const StepContext& context, Optimizer& optimizer, const StepRows& rows,
                const tensor::StepRandomness& randomness, bool asks_to_stop) {
  StepResult result;
  std::vector<at::Tensor> gradients;
  if (context.ranks.are_several()) {
    result = step_of_several(context, optimizer, rows, randomness, asks_to_stop, gradients);
  } else {
    Shard all = run_shards(context, optimizer, rows, randomness);
    gradients = std::move(all.gradients);
    result = {all.loss, asks_to_stop};
  }
  if (std::isfinite(result.loss)) optimizer.step(gradients);
  return result;
}

}  // namespace smlt::train
