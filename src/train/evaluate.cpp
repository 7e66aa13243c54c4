#include "train/evaluate.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "tensor/shards.hpp"

namespace smlt::train {
namespace {

// Rows a piece: what a core's cache holds of the widest layer, and enough to fill vectors.
constexpr int64_t kPieceRows = 64;

struct Piece {
  int64_t first = 0;
  int64_t end = 0;
  double loss = 0;  // mean
  int64_t correct = 0;
};

std::vector<Piece> pieces_of(int64_t rows, int64_t batch_rows, int64_t piece_rows) {
  std::vector<Piece> pieces;
  for (int64_t batch = 0; batch < rows; batch += batch_rows) {
    const int64_t end = std::min(batch + batch_rows, rows);
    for (int64_t first = batch; first < end; first += piece_rows) {
      pieces.push_back({first, std::min(first + piece_rows, end)});
    }
  }
  return pieces;
}

void run(const StepContext& context, const data::Split& split, Piece& piece) {
  const torch::NoGradGuard no_grad;
  const data::Batch batch = context.model.batch(context.data, split, torch::arange(piece.first, piece.end));
  const at::Tensor output = context.model.forward(context.net, batch.inputs.to(context.plan.device));
  const at::Tensor targets = batch.targets.to(context.plan.device);
  piece.loss = context.model.loss(output, targets).item<double>();
  piece.correct = (output.argmax(1) == targets).sum().item<int64_t>();
}

Evaluation sum_of(const std::vector<Piece>& pieces, int64_t batch_rows) {
  Evaluation result;
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

}  // namespace

Evaluation evaluate(const StepContext& context, const data::Split& split) {
  const bool was_training = context.net.is_training();
  context.net.eval();
  const int64_t batch_rows = context.model.evaluation_batch_size();
  // In eval mode every model's rows are independent; whether its operators are better cut than shared, the plan says.
  const bool cut = context.plan.is_sharded();
  std::vector<Piece> pieces = pieces_of(split.size(), batch_rows, cut ? std::min(kPieceRows, batch_rows) : batch_rows);
  tensor::for_each_shard(static_cast<int64_t>(pieces.size()), cut ? context.plan.threads : 1,
                         [&](int64_t i) { run(context, split, pieces[static_cast<size_t>(i)]); });
  context.net.train(was_training);
  return sum_of(pieces, batch_rows);
}

}  // namespace smlt::train
