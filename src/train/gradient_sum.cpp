#include "train/gradient_sum.hpp"

#include <torch/torch.h>

namespace smlt::train {
namespace {

// Of numbers: 4 MB. Most of a ResNet's parameters are in its last layers, whose gradients come first.
constexpr int64_t kMessageSize = 1 << 20;

}  // namespace

GradientSum::GradientSum(const Ranks& ranks, const std::vector<at::Tensor>& parameters, int64_t numbers)
    : ranks_(ranks),
      parameters_(parameters),
      parts_(parameters.size()),
      message_of_(parameters.size()),
      has_come_(parameters.size()) {
  size_t end = parameters.size();
  while (end > 0) {
    size_t begin = end;
    int64_t size = 0;
    while (begin > 0 && size < kMessageSize) size += parameters[--begin].numel();
    add_message(begin, end, begin == 0 ? numbers : 0);
    end = begin;
  }
}

// For the parameters from `begin` to `end`.
void GradientSum::add_message(size_t begin, size_t end, int64_t numbers) {
  int64_t size = numbers;
  for (size_t i = begin; i < end; ++i) size += parameters_[i].numel();
  const at::Tensor content = torch::empty({size}, parameters_[0].options().requires_grad(false));
  int64_t at = 0;
  for (size_t i = begin; i < end; ++i) {
    parts_[i] = content.narrow(0, at, parameters_[i].numel()).view(parameters_[i].sizes());
    message_of_[i] = messages_.size();
    at += parameters_[i].numel();
  }
  if (begin == 0) numbers_ = content.narrow(0, at, numbers);
  messages_.push_back({content, end - begin + (begin == 0 ? 1 : 0)});
}

GradientSum::~GradientSum() {
  for (size_t i = 0; i < hooks_.size(); ++i) parameters_[i].remove_hook(hooks_[i]);
}

void GradientSum::follow_backward() {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    hooks_.push_back(parameters_[i].register_hook([this, i](const at::Tensor& gradient) {
      put(i, gradient);
      send_complete();
    }));
  }
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
