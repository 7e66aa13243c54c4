#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cluster/group.hpp"
#include "data/split.hpp"

namespace smlt::train {

/// What one rank does of a step on rows that are counted over all ranks.
struct Share {
  int64_t begin = 0;  // of this rank's rows, in their order of this epoch
  int64_t end = 0;
  int64_t first_row = 0;   // the number of the first of them in the whole batch
  int64_t batch_rows = 0;  // of the whole batch

  int64_t size() const { return end - begin; }
};

/// The ranks that train together, and how they share the rows of an epoch. If all have the same rows, each takes its
/// part of every batch: rank r the r-th `batch_size` rows, so that the parts are those that as many threads of one rank
/// would take, and add up to the same bits. Otherwise (ShardedByS3Key, platform 3) ranks with equal rows divide those
/// among them, and each rank spreads what is its own evenly over as many steps as all ranks together need: every rank
/// takes the same number of steps, and one that has more than the others takes more than `batch_size` rows in each.
class Ranks {
 public:
  /// This process alone.
  Ranks() = default;

  /// Compares what the ranks have opened, and where they compute; every rank must call it. Throws UserError if their
  /// classes or the shape of their rows differ, PlatformError if some have a GPU and others do not, and says which.
  /// `group` must outlive this.
  Ranks(cluster::Group& group, const data::DataSet& data, c10::Device device);

  int rank() const { return group_ == nullptr ? 0 : group_->rank(); }
  int size() const { return group_ == nullptr ? 1 : group_->size(); }
  bool are_several() const { return size() > 1; }
  bool leads() const { return rank() == 0; }

  /// The rows of an epoch, or of an evaluation, over all ranks; this one has `own`.
  int64_t training_rows(int64_t own) const { return has_shard_ ? total_ : own; }

  int64_t validation_rows(int64_t own) const { return group_ == nullptr ? own : validation_total_; }

  /// This rank's part of a batch: of the rows from `begin` to `end` of an epoch, as many as `batch_size` for each rank.
  Share share(int64_t begin, int64_t end, int64_t batch_size) const;

  /// This rank's share of the rows of an epoch, of which it has `own`, as PyTorch's DistributedSampler counts it.
  int64_t own_rows(int64_t own) const {
    return has_shard_ ? rows_[static_cast<size_t>(rank())] : (own + size() - 1) / size();
  }

  /// Ranks with equal validation data evaluate a part of it each: this one has this turn among so many.
  int64_t turn() const { return turn_; }
  int64_t turns() const { return turns_; }

  /// What identifies the training data of all ranks, if they differ.
  const std::optional<std::string>& shards() const { return shards_; }

  /// In place, over all ranks (cluster::Group).
  void sum(const at::Tensor& tensor) const;

  /// The same without waiting, and whether large sums then go on by themselves (cluster::Group).
  cluster::Pending start_sum(const at::Tensor& tensor) const;
  bool sums_in_background() const { return group_ != nullptr && group_->sums_in_background(); }

  /// Rank 0's values become everyone's, in place.
  void broadcast(const std::vector<at::Tensor>& tensors) const;
  std::string broadcast(const std::string& bytes) const;

 private:
  int64_t boundary(size_t rank, int64_t row) const { return rows_[rank] * row / total_; }

  cluster::Group* group_ = nullptr;
  bool has_shard_ = false;     // ranks have training rows of their own
  std::vector<int64_t> rows_;  // to train on, of each rank
  int64_t first_ = 0;          // of this rank's among those that it has
  int64_t total_ = 0;
  int64_t turn_ = 0;
  int64_t turns_ = 1;
  int64_t validation_total_ = 0;
  std::optional<std::string> shards_;
};

}  // namespace smlt::train
