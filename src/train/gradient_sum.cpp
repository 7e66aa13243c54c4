#include "train/gradient_sum.hpp"

#include <torch/torch.h>

#include <utility>

namespace smlt::train {
namespace {

// Of numbers: 4 MB. Most of a ResNet's parameters are in its last layers, whose gradients come first.
constexpr int64_t kMessageSize = 1 << 20;

}  // namespace

GradientSum::GradientSum(const Ranks& ranks, Optimizer& optimizer, int64_t count)
    : ranks_(ranks),
      optimizer_(optimizer),
      parameters_(optimizer.parameters()),
      parts_(parameters_.size()),
      message_of_(parameters_.size()),
      has_come_(parameters_.size()) {
  size_t end = parameters_.size();
  while (end > 0) {
    size_t begin = end;
    int64_t size = 0;
    while (begin > 0 && size < kMessageSize) size += parameters_[--begin].numel();
    add_message(begin, end, begin == 0 ? count : 0);
    end = begin;
  }
}

// For the parameters from `begin` to `end`.
void GradientSum::add_message(size_t begin, size_t end, int64_t count) {
  int64_t size = count;
  for (size_t i = begin; i < end; ++i) size += parameters_[i].numel();
  const at::Tensor content = torch::empty({size}, parameters_[0].options().requires_grad(false));
  int64_t at = 0;
  for (size_t i = begin; i < end; ++i) {
    parts_[i] = content.narrow(0, at, parameters_[i].numel()).view(parameters_[i].sizes());
    message_of_[i] = messages_.size();
    at += parameters_[i].numel();
  }
  if (begin == 0) numbers_ = content.narrow(0, at, count);
  messages_.push_back({content, end - begin + (begin == 0 ? 1 : 0)});
}

GradientSum::~GradientSum() {
  if (follows_) optimizer_.on_gradient({});
}

void GradientSum::follow_backward() {
  follows_ = true;
  optimizer_.on_gradient([this](size_t parameter, const at::Tensor& gradient) {
    put(parameter, gradient);
    send_complete();
  });
}

void GradientSum::add(const std::vector<at::Tensor>& gradients) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < gradients.size(); ++i) put(i, gradients[i]);
}

void GradientSum::put(size_t parameter, const at::Tensor& gradient) {
  parts_[parameter].copy_(gradient);
  has_come_[parameter] = true;
  --messages_[message_of_[parameter]].missing;
}

// In the order of the messages, whichever are complete first: all ranks send them in the same order.
void GradientSum::send_complete() {
  for (; sent_ < messages_.size() && messages_[sent_].missing == 0; ++sent_) {
    messages_[sent_].sum = ranks_.start_sum(messages_[sent_].content);
  }
}

std::vector<at::Tensor> GradientSum::finish(at::Tensor& numbers) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (!has_come_[i]) put(i, torch::zeros_like(parts_[i]));
  }
  numbers_.copy_(numbers);
  --messages_.back().missing;
  send_complete();
  for (Message& message : messages_) message.sum.wait();
  numbers.copy_(numbers_);
  return std::move(parts_);
}

}  // namespace smlt::train
