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
  at::Tensor answers = {};  // int64 [classes], how often each was predicted
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

void count(const at::Tensor& said, int64_t classes, const at::Tensor& targets, Piece& piece) {
  const auto row = said.accessor<int64_t, 1>(), target = targets.accessor<int64_t, 1>();
  piece.answers = torch::zeros({classes}, torch::kLong);
  int64_t* const answers = piece.answers.mutable_data_ptr<int64_t>();
  for (int64_t i = 0; i < said.size(0); ++i) {
    if (row[i] == target[i]) ++piece.correct;
    ++answers[row[i]];
  }
}

void run(const StepContext& context, const data::Split& split, Piece& piece) {
  const torch::NoGradGuard no_grad;
  const data::Batch batch = context.model.batch(context.data, split, torch::arange(piece.first, piece.end));
  const data::Batch on_device = batch.to(context.plan.device);
  const at::Tensor output = context.model.forward(context.net, on_device);
  piece.loss = context.model.loss(output, on_device.targets).item<double>();
  count(output.argmax(1).cpu(), output.size(1), batch.targets, piece);
}

// Sums over pieces; then, with several ranks, over those.
struct Sums {
  at::Tensor numbers;  // double: rows, loss, batches, loss of batches, hits
  at::Tensor answers;  // int64 [classes]
};

Sums sums_of(const std::vector<Piece>& pieces, int64_t batch_rows, int64_t classes) {
  double loss = 0, batch_loss = 0, batch_loss_sum = 0;
  int64_t rows = 0, batches = 0, correct = 0, rows_of_batch = 0;
  at::Tensor answers = torch::zeros({classes}, torch::kLong);
  for (const Piece& piece : pieces) {
    const int64_t size = piece.end - piece.first;
    correct += piece.correct;
    answers += piece.answers;
    batch_loss += piece.loss * static_cast<double>(size);
    rows_of_batch += size;
    if (piece.end % batch_rows != 0 && &piece != &pieces.back()) continue;
    rows += rows_of_batch;
    loss += batch_loss;
    batches += 1;
    batch_loss_sum += batch_loss / static_cast<double>(rows_of_batch);
    batch_loss = 0;
    rows_of_batch = 0;
  }
  const auto number = [](int64_t count) { return static_cast<double>(count); };
  return {torch::tensor({number(rows), loss, number(batches), batch_loss_sum, number(correct)}, torch::kDouble),
          answers};
}

model::Evaluation evaluation_of(const Sums& sums) {
  const auto number = sums.numbers.accessor<double, 1>();
  const at::Tensor given = sums.answers.nonzero();
  return {.rows = static_cast<int64_t>(number[0]),
          .correct = static_cast<int64_t>(number[4]),
          .loss_sum = number[1],
          .batches = static_cast<int64_t>(number[2]),
          .batch_loss_sum = number[3],
          .only_class = given.size(0) == 1 ? given.item<int64_t>() : -1};
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
  const Sums sums = sums_of(pieces, batch_rows, static_cast<int64_t>(context.data.labels.size()));
  ranks.sum(sums.numbers);
  ranks.sum(sums.answers);
  return evaluation_of(sums);
}

}  // namespace smlt::train
