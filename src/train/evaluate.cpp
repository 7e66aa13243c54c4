#include "train/evaluate.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "tensor/shards.hpp"

namespace smlt::train {
namespace {

// Rows per piece: as many as a core's cache holds of the widest layer, and enough to fill vectors.
constexpr int64_t kPieceRows = 64;

struct Piece {
  int64_t first = 0;
  int64_t end = 0;
  double loss = 0;  // mean
  int64_t correct = 0;
  int64_t lowest_class = 0;  // predicted for a row
  int64_t highest_class = 0;
};

// Of whole batches, as many for each rank.
std::vector<Piece> pieces_of(int64_t rows, int64_t batch_rows, int64_t piece_rows, const Ranks& ranks) {
  const int64_t batches = (rows + batch_rows - 1) / batch_rows, turns = ranks.turns();
  std::vector<Piece> pieces;
  for (int64_t i = batches * ranks.turn() / turns; i < batches * (ranks.turn() + 1) / turns; ++i) {
    const int64_t batch = i * batch_rows, end = std::min(batch + batch_rows, rows);
    for (int64_t first = batch; first < end; first += piece_rows) {
      pieces.push_back({first, std::min(first + piece_rows, end)});
    }
  }
  return pieces;
}

void count(const at::Tensor& said, const at::Tensor& targets, Piece& piece) {
  const auto row = said.accessor<int64_t, 1>(), target = targets.accessor<int64_t, 1>();
  piece.lowest_class = piece.highest_class = row[0];
  for (int64_t i = 0; i < said.size(0); ++i) {
    if (row[i] == target[i]) ++piece.correct;
    piece.lowest_class = std::min(piece.lowest_class, row[i]);
    piece.highest_class = std::max(piece.highest_class, row[i]);
  }
}

void run(const StepContext& context, const data::Split& split, Piece& piece) {
  const torch::NoGradGuard no_grad;
  const data::Batch batch = context.model.batch(context.data, split, torch::arange(piece.first, piece.end));
  const data::Batch on_device = batch.to(context.plan.device);
  const at::Tensor output = context.model.forward(context.net, on_device);
  piece.loss = context.model.loss(output, on_device.targets).item<double>();
  count(output.argmax(1).cpu(), batch.targets, piece);
}

// -1 if there are several.
int64_t only_class_of(const std::vector<Piece>& pieces) {
  if (pieces.empty()) return -1;
  const int64_t first = pieces.front().lowest_class;
  const auto is_alone = [&](const Piece& piece) { return piece.lowest_class == first && piece.highest_class == first; };
  return std::all_of(pieces.begin(), pieces.end(), is_alone) ? first : -1;
}

model::Evaluation sum_of(const std::vector<Piece>& pieces, int64_t batch_rows) {
  model::Evaluation result = {.only_class = only_class_of(pieces)};
  double batch_loss = 0;
  int64_t rows = 0;  // of this batch
  for (const Piece& piece : pieces) {
    const int64_t size = piece.end - piece.first;
    result.correct += piece.correct;
    batch_loss += piece.loss * static_cast<double>(size);
    rows += size;
    if (piece.end % batch_rows != 0 && &piece != &pieces.back()) continue;
    result.rows += rows;
    result.loss_sum += batch_loss;
    result.batches += 1;
    result.batch_loss_sum += batch_loss / static_cast<double>(rows);
    batch_loss = 0;
    rows = 0;
  }
  return result;
}

// Over all ranks. Their only classes are one class if these have no variance.
model::Evaluation sum_over(const Ranks& ranks, const model::Evaluation& own) {
  const auto number = [](int64_t count) { return static_cast<double>(count); };
  const double has_rows = own.rows > 0 ? 1 : 0, varies = own.rows > 0 && own.only_class < 0 ? 1 : 0;
  const double only = own.rows > 0 ? number(own.only_class) : 0;
  const at::Tensor sums = torch::tensor({number(own.rows), number(own.correct), own.loss_sum, number(own.batches),
                                         own.batch_loss_sum, has_rows, varies, only, only * only},
                                        torch::kDouble);
  ranks.sum(sums);
  const auto sum = sums.accessor<double, 1>();
  const bool is_one = sum[5] > 0 && sum[6] == 0 && sum[5] * sum[8] == sum[7] * sum[7];
  return {.rows = static_cast<int64_t>(sum[0]),
          .correct = static_cast<int64_t>(sum[1]),
          .loss_sum = sum[2],
          .batches = static_cast<int64_t>(sum[3]),
          .batch_loss_sum = sum[4],
          .only_class = is_one ? static_cast<int64_t>(sum[7] / sum[5]) : -1};
}

}  // namespace

model::Evaluation evaluate(const StepContext& context, const data::Split& split) {
  const bool was_training = context.net.is_training();
  context.net.eval();
  const int64_t batch_rows = context.model.evaluation_batch_size();
  // In eval mode every model's rows are independent; the plan says whether sharding them beats sharing operators among
  // threads.
  const bool cut = context.plan.is_sharded();
  const Ranks& ranks = context.ranks;
  ranks.broadcast(context.net.buffers());  // a BatchNorm's means of past batches are each rank's own
  std::vector<Piece> pieces =
      pieces_of(split.size(), batch_rows, cut ? std::min(kPieceRows, batch_rows) : batch_rows, ranks);
  tensor::for_each_shard(static_cast<int64_t>(pieces.size()), cut ? context.plan.threads : 1,
                         [&](int64_t i) { run(context, split, pieces[static_cast<size_t>(i)]); });
  context.net.train(was_training);
  const model::Evaluation own = sum_of(pieces, batch_rows);
  return ranks.are_several() ? sum_over(ranks, own) : own;
}

}  // namespace smlt::train
