#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "cluster/group.hpp"
#include "train/optimizer.hpp"
#include "train/ranks.hpp"

namespace smlt::train {

/// The gradients of one step, summed over all ranks in messages of some megabytes. Between hosts a message is sent as
/// soon as the backward pass has computed what is in it, from the last layer to the first, as DistributedDataParallel
/// does (Li et al., 2020, "PyTorch Distributed", section 3.2); the rest of the pass hides the time on the wire.
class GradientSum {
 public:
  /// For the gradients of the optimizer's parameters, and `count` numbers that go with them. Every rank calls the same
  /// on equal parameters. The optimizer must outlive this.
  GradientSum(const Ranks& ranks, Optimizer& optimizer, int64_t count);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  /// From now on, the backward pass of this thread hands over each gradient when it is complete: for a step that takes
  /// all rows of this rank at once.
  void follow_backward();

  /// This rank's gradients, in the order of the parameters; none if it has no rows. Not after `follow_backward`.
  void add(const std::vector<at::Tensor>& gradients);

  /// The sums, when they have arrived; what this rank has not handed over counts as zeros. `numbers`, of any device,
  /// are summed as 32-bit floats, in place.
  std::vector<at::Tensor> finish(at::Tensor& numbers);

 private:
  struct Message {
    at::Tensor content = {};  // float `[size]`
    size_t missing = 0;       // parts
    cluster::Pending sum = {};
  };

  void add_message(size_t begin, size_t end, int64_t count);
  void put(size_t parameter, const at::Tensor& gradient);
  void send_complete();

  const Ranks& ranks_;
  Optimizer& optimizer_;
  const std::vector<at::Tensor>& parameters_;
  std::vector<Message> messages_;   // in the order in which all ranks send them
  std::vector<at::Tensor> parts_;   // of the messages, one for each parameter
  std::vector<size_t> message_of_;  // the same
  std::vector<bool> has_come_;      // the same
  at::Tensor numbers_;              // the end of the last message
  size_t sent_ = 0;
  bool follows_ = false;
};

}  // namespace smlt::train
