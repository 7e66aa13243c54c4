#pragma once

#include <fcntl.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <boost/json.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "artifact/save.hpp"
#include "codec/array/json_numbers.hpp"
#include "codec/array/npy.hpp"
#include "models/mnist/net.hpp"
#include "serve/endpoint.hpp"
#include "tensor/number_array.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

// Endpoints on models made for a test, and requests to them.
namespace smlt::test {

inline const std::string kJson = "application/json";
inline const std::string kLines = "application/jsonlines";
inline const std::string kNpy = "application/x-npy";

inline Output& quiet() {
  static Output output(::open("/dev/null", O_WRONLY));
  return output;
}

inline settings::Endpoint chosen_settings(int workers = 2) {
  settings::Endpoint settings;
  settings.workers = workers;
  return settings;
}

inline http::Response ask(serve::Endpoint& endpoint, std::string type, std::string body, std::string accept = "") {
  http::Request request{"POST", "/invocations", "", {}, std::move(body)};
  if (!type.empty()) request.headers.emplace_back("Content-Type", type);
  if (!accept.empty()) request.headers.emplace_back("Accept", accept);
  std::promise<http::Response> promise;
  endpoint.invoke(std::move(request), [&](http::Response response) { promise.set_value(std::move(response)); });
  return promise.get_future().get();
}

inline std::string npy(const at::Tensor& tensor) { return codec::write_npy(tensor::array_of(tensor)); }
inline std::string text(const at::Tensor& tensor) { return codec::write_json_numbers(tensor::array_of(tensor)); }

inline at::Tensor read(const http::Response& response) {
  INFO(response.body);
  REQUIRE(response.status == 200);
  return tensor::tensor_of(response.content_type == kNpy ? codec::read_npy(response.body, "answer")
                                                         : codec::read_json_numbers(response.body, "answer"));
}

inline artifact::Manifest digits_manifest() {
  artifact::Manifest manifest{.model = "mnist",
                              .recipe = "tutorial",
                              .input_shape = {std::nullopt, 1, 28, 28},
                              .output = "log_probabilities",
                              .labels = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
                              .image = {},
                              .hyperparameters = {},
                              .metrics = {}};
  manifest.image = {.mode = "L", .resize = 28, .crop_height = 28, .crop_width = 28, .mean = {0.1307}, .std = {0.3081}};
  return manifest;
}

// A model directory with a fresh network from the tutorial, and the endpoint on it.
struct Digits {
  test::TemporaryDirectory directory;
  models::mnist::Net net{28, 28, 10};
  std::unique_ptr<serve::Endpoint> endpoint;

  explicit Digits(const settings::Endpoint& chosen = chosen_settings()) {
    artifact::save(directory.path(), net, torch::zeros({1, 1, 28, 28}), digits_manifest());
    net.eval();
    endpoint = std::make_unique<serve::Endpoint>(directory.path(), chosen, c10::Device(c10::kCPU), quiet());
  }
  at::Tensor expected(const at::Tensor& input) {
    const torch::NoGradGuard no_grad;
    return net.forward(input);
  }
};

// A model.pt that Python could have written, alone in its directory.
struct Bare {
  test::TemporaryDirectory directory;
  std::unique_ptr<serve::Endpoint> endpoint;

  explicit Bare(const std::string& code, const char* file = "model.pt",
                const settings::Endpoint& chosen = chosen_settings()) {
    torch::jit::Module module("Net");
    module.register_parameter("weight", torch::full({1}, 2.0F), false);
    module.define(code);
    module.save((directory.path() / file).string());
    endpoint = std::make_unique<serve::Endpoint>(directory.path(), chosen, c10::Device(c10::kCPU), quiet());
  }
};

inline bool close(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && at::allclose(a.to(torch::kDouble), b.to(torch::kDouble), 1e-4, 1e-5);
}

inline std::string code_of(const http::Response& response) {
  return std::string(boost::json::parse(response.body).at("code").as_string());
}

}  // namespace smlt::test
