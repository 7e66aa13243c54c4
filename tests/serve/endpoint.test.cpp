#include "serve/endpoint.hpp"

#include <fcntl.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <boost/json.hpp>
#include <future>

#include "artifact/save.hpp"
#include "base/error.hpp"
#include "codec/json_numbers.hpp"
#include "codec/npy.hpp"
#include "models/mnist/net.hpp"
#include "models/tabular/net.hpp"
#include "tensor/number_array.hpp"
#include "tests/catch.hpp"
#include "tests/codec/made_png.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

namespace {

const std::string kJson = "application/json";
const std::string kLines = "application/jsonlines";
const std::string kNpy = "application/x-npy";

Output& quiet() {
  static Output output(::open("/dev/null", O_WRONLY));
  return output;
}

config::Endpoint settings(int workers = 2) {
  config::Endpoint settings;
  settings.workers = workers;
  return settings;
}

http::Response ask(serve::Endpoint& endpoint, std::string type, std::string body, std::string accept = "") {
  http::Request request{"POST", "/invocations", "", {}, std::move(body)};
  if (!type.empty()) request.headers.emplace_back("Content-Type", type);
  if (!accept.empty()) request.headers.emplace_back("Accept", accept);
  std::promise<http::Response> promise;
  endpoint.invoke(std::move(request), [&](http::Response response) { promise.set_value(std::move(response)); });
  return promise.get_future().get();
}

std::string npy(const at::Tensor& tensor) { return codec::write_npy(tensor::array_of(tensor)); }
std::string text(const at::Tensor& tensor) { return codec::write_json_numbers(tensor::array_of(tensor)); }

at::Tensor read(const http::Response& response) {
  INFO(response.body);
  REQUIRE(response.status == 200);
  return tensor::tensor_of(response.content_type == kNpy ? codec::read_npy(response.body, "answer")
                                                         : codec::read_json_numbers(response.body, "answer"));
}

artifact::Manifest digits_manifest() {
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

// A model directory with a fresh network of the tutorial's, and the endpoint on it.
struct Digits {
  test::TemporaryDirectory directory;
  models::mnist::Net net{28, 28, 10};
  std::unique_ptr<serve::Endpoint> endpoint;

  explicit Digits(const config::Endpoint& chosen = settings()) {
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

  explicit Bare(const std::string& code, const char* file = "model.pt") {
    torch::jit::Module module("Net");
    module.register_parameter("weight", torch::full({1}, 2.0F), false);
    module.define(code);
    module.save((directory.path() / file).string());
    endpoint = std::make_unique<serve::Endpoint>(directory.path(), settings(), c10::Device(c10::kCPU), quiet());
  }
};

bool close(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && at::allclose(a.to(torch::kDouble), b.to(torch::kDouble), 1e-4, 1e-5);
}

std::string code_of(const http::Response& response) {
  return std::string(boost::json::parse(response.body).at("code").as_string());
}

}  // namespace

TEST_CASE("The tutorials' requests are answered as the network answers", "[serve]") {
  Digits digits;
  const at::Tensor images = torch::rand({4, 1, 28, 28});
  const at::Tensor expected = digits.expected(images);
  const http::Response response = ask(*digits.endpoint, kNpy, npy(images), kNpy);
  CHECK(read(response).scalar_type() == torch::kDouble);
  CHECK(close(read(response), expected));
  CHECK(read(ask(*digits.endpoint, kNpy, npy(images), kNpy + "; dtype=float32")).scalar_type() == torch::kFloat);
  CHECK(close(read(ask(*digits.endpoint, kJson + "; charset=utf-8", text(images))), expected));
  CHECK(close(read(ask(*digits.endpoint, kJson, "{\"inputs\": " + text(images) + "}", "*/*")), expected));
  CHECK(close(read(ask(*digits.endpoint, "", npy(images), "text/html, " + kJson + ";q=0.5")), expected));
  CHECK(close(read(ask(*digits.endpoint, "application/octet-stream", text(images))), expected));
  std::string row = text(images[1].flatten());
  CHECK(close(read(ask(*digits.endpoint, "text/csv", row.substr(1, row.size() - 2), kJson)), expected.narrow(0, 1, 1)));
  const http::Response csv = ask(*digits.endpoint, kNpy, npy(images), "text/csv");
  CHECK(std::count(csv.body.begin(), csv.body.end(), '\n') == 4);
}

TEST_CASE("The network is frozen and optimised, and answers as before", "[serve]") {
  Digits digits;
  serve::Model model(digits.directory.path());
  const at::Tensor images = torch::rand({5, 1, 28, 28});
  CHECK(model.speed_up() == "The model is frozen and optimised for inference.");
  CHECK(close(model.forward(images), digits.expected(images)));
}

TEST_CASE("Many rows are answered in order although they go through the network in pieces", "[serve]") {
  Digits digits;
  const at::Tensor images = torch::rand({100, 1, 28, 28});
  CHECK(close(read(ask(*digits.endpoint, kNpy, npy(images), kNpy)), digits.expected(images)));
}

TEST_CASE("An image is answered with the list of its probabilities", "[serve]") {
  Digits digits;
  const test::MadePng png{.width = 28, .height = 28, .samples = std::vector<uint16_t>(28 * 28, 100)};
  const at::Tensor input = tensor::normalized(torch::full({1, 1, 28, 28}, 100, torch::kByte), *digits_manifest().image);
  const at::Tensor expected = digits.expected(input).exp()[0];
  for (const char* type : {"application/x-image", "image/png", "application/octet-stream", ""}) {
    CHECK(close(read(ask(*digits.endpoint, type, test::made_png(png), kJson)), expected));
  }
  const auto line =
      boost::json::parse(ask(*digits.endpoint, "image/png", test::made_png(png), kLines).body).as_object();
  CHECK(line.at("label").as_string() == std::to_string(expected.argmax().item<int64_t>()));
  CHECK(line.at("score").as_double() == Approx(expected.max().item<double>()));
  CHECK(line.at("probabilities").as_array().size() == 10);
}

TEST_CASE("JSON Lines have a line a record, also of those that are bad", "[serve]") {
  Digits digits;
  const at::Tensor images = torch::rand({2, 784});
  const std::string body = text(images[0]) + "\n[1, 2]\n{\"features\": " + text(images[1]) + "}\n{\"x\": 1}\nno";
  const http::Response response = ask(*digits.endpoint, kLines, body);
  CHECK(response.content_type == kLines);
  std::vector<std::string> lines;
  std::istringstream stream(response.body);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  REQUIRE(lines.size() == 5);
  const at::Tensor expected = digits.expected(images.view({2, 1, 28, 28})).argmax(1);
  CHECK(boost::json::parse(lines[0]).at("label").as_string() == std::to_string(expected[0].item<int64_t>()));
  CHECK(boost::json::parse(lines[2]).at("label").as_string() == std::to_string(expected[1].item<int64_t>()));
  CHECK_THAT(lines[1], ContainsSubstring("{\"error\": \"Expected numbers of shape") && ContainsSubstring("line 2 of"));
  CHECK_THAT(lines[3], ContainsSubstring("{\"error\": ") && ContainsSubstring("line 4 of"));
  CHECK_THAT(lines[4], ContainsSubstring("{\"error\": ") && ContainsSubstring("line 5 of"));
  CHECK(ask(*digits.endpoint, kLines, body, kJson).status == 400);  // an array has no place for an error
  const std::string good = text(images[0]) + "\n" + text(images[1]) + "\n";
  CHECK(read(ask(*digits.endpoint, kLines, good, kJson)).sizes() == at::IntArrayRef({2, 10}));
}

TEST_CASE("More lines than are read at once keep their number and order", "[serve]") {
  Bare twice("def forward(self, x):\n  return x * self.weight\n");
  std::string body;
  std::string expected;
  for (int i = 0; i < 2500; ++i) {
    body += fmt::format("[{}]\n", i);
    expected += fmt::format("{}[{}.0]", i == 0 ? "" : "\n", 2 * i);
  }
  CHECK(ask(*twice.endpoint, kLines, body).body == expected);
}

TEST_CASE("A row of a table alone is answered as AWS's handler does, a line of CSV with a line", "[serve]") {
  test::TemporaryDirectory directory;
  models::tabular::Net net(15, 3);
  artifact::save(directory.path(), net, torch::zeros({1, 15}),
                 {.model = "tabular",
                  .recipe = "tutorial",
                  .input_shape = {std::nullopt, 15},
                  .output = "scores",
                  .labels = {"0", "1", "2"},
                  .image = {},
                  .hyperparameters = {},
                  .metrics = {}});
  serve::Endpoint endpoint(directory.path(), settings(), c10::kCPU, quiet());
  const at::Tensor row = torch::rand({15});
  net.eval();
  const at::Tensor expected = net.forward(row.unsqueeze(0)).detach();
  CHECK(close(read(ask(endpoint, kJson, text(row))), expected[0]));
  CHECK(close(read(ask(endpoint, kNpy, npy(row), kNpy)), expected[0]));
  CHECK(close(read(ask(endpoint, kJson, text(row.unsqueeze(0)))), expected));
  std::string line = text(row);
  line = line.substr(1, line.size() - 2);
  const http::Response csv = ask(endpoint, "text/csv", line, "text/csv");
  CHECK(std::count(csv.body.begin(), csv.body.end(), ',') == 2);
  CHECK(std::count(csv.body.begin(), csv.body.end(), '\n') == 1);
  const http::Response image = ask(endpoint, "application/x-image", "x");
  CHECK(image.status == 415);
}

TEST_CASE("Requests at the same time get their own answers, and a bad one fails alone", "[serve]") {
  Digits digits;
  constexpr int kRequests = 200;
  const at::Tensor images = torch::rand({kRequests, 1, 28, 28});
  const at::Tensor expected = digits.expected(images);
  std::vector<std::promise<http::Response>> answers(kRequests);
  for (int i = 0; i < kRequests; ++i) {
    const bool bad = i % 7 == 3;
    http::Request request{"POST", "/invocations", "", {{"content-type", bad ? kJson : kNpy}, {"accept", kNpy}}, ""};
    request.body = bad ? "[1, 2, 3]" : npy(images.narrow(0, i, 1));
    digits.endpoint->invoke(std::move(request), [&answers, i](http::Response response) {
      answers[static_cast<size_t>(i)].set_value(std::move(response));
    });
  }
  for (int i = 0; i < kRequests; ++i) {
    const http::Response response = answers[static_cast<size_t>(i)].get_future().get();
    if (i % 7 == 3) {
      CHECK(response.status == 400);
    } else {
      CHECK(close(read(response), expected.narrow(0, i, 1)));
    }
  }
  CHECK_THAT(digits.endpoint->metrics(),
             ContainsSubstring("smlt_batch_rows_sum") && ContainsSubstring("smlt_queue_length 0\n"));
}

TEST_CASE("What cannot be answered is said in a sentence with the status for it", "[serve]") {
  Digits digits;
  const auto check = [&](const http::Response& response, int status, const std::string& code,
                         const std::string& phrase) {
    CHECK(response.status == status);
    CHECK(code_of(response) == code);
    CHECK_THAT(response.body, ContainsSubstring(phrase));
  };
  check(ask(*digits.endpoint, "application/xml", "<a/>"), 415, "unsupported_media_type", "found 'application/xml'");
  check(ask(*digits.endpoint, "", "hello"), 415, "unsupported_media_type", "starts as none of");
  check(ask(*digits.endpoint, kJson, "[1]", "text/html"), 406, "not_acceptable", "found 'text/html'");
  check(ask(*digits.endpoint, kJson, "[1]", kNpy + ";dtype=int8"), 406, "not_acceptable", "found 'int8'");
  check(ask(*digits.endpoint, kJson, "[1, 2"), 400, "bad_request", "the body of the request");
  check(ask(*digits.endpoint, kNpy, "\x93NUMPY"), 400, "bad_request", "the body of the request");
  check(ask(*digits.endpoint, kNpy, npy(torch::zeros({2, 3}))), 400, "bad_request", "found shape (2, 3)");
  check(ask(*digits.endpoint, "image/png", "no image"), 400, "bad_request", "the body of the request");
  CHECK(ask(*digits.endpoint, kJson, "").status == 204);
}

TEST_CASE("Numbers that are not finite are answered as Python prints them", "[serve]") {
  Bare same("def forward(self, x):\n  return x * self.weight\n");
  CHECK(ask(*same.endpoint, kJson, "[NaN, Infinity, 1]").body == "[NaN, Infinity, 2.0]");
  CHECK(ask(*same.endpoint, kJson, "{\"inputs\": [NaN, Infinity, 1]}").body == "[NaN, Infinity, 2.0]");
  CHECK(ask(*same.endpoint, kJson, "\xEF\xBB\xBF[1]").body == "[2.0]");
  CHECK_THAT(ask(*same.endpoint, kJson, "{\"inputs\": [1, null]}").body, ContainsSubstring("at byte 15 of"));
}

TEST_CASE("A bare TorchScript model takes tensors as AWS's handlers do", "[serve]") {
  Bare twice("def forward(self, x):\n  return x * self.weight\n", "net.pth");
  CHECK(ask(*twice.endpoint, kJson, "[[1, 2], [3, 4.5]]").body == "[[2.0, 4.0], [6.0, 9.0]]");
  CHECK(read(ask(*twice.endpoint, kNpy, npy(torch::ones({2, 3}, torch::kDouble)), kNpy)).scalar_type() ==
        torch::kDouble);
  CHECK(ask(*twice.endpoint, "image/png", "x").status == 415);
  Bare ids("def forward(self, x):\n  return torch.embedding(torch.ones([5, 2]), x)\n");
  CHECK(ask(*ids.endpoint, kNpy, npy(torch::ones({1}, torch::kLong))).body == "[[1.0, 1.0]]");
  Bare strict("def forward(self, x):\n  return torch.linear(x, self.weight.view(1, 1))\n");
  CHECK(ask(*strict.endpoint, kNpy, npy(torch::ones({1, 1}, torch::kInt))).body == "[[2.0]]");
  CHECK_THAT(ask(*strict.endpoint, kJson, "[[1, 2]]").body,
             ContainsSubstring("shape (1, 2) and type Float that it refuses"));
  Bare raising("def forward(self, x):\n  assert x.dim() > 5, \"no such luck\"\n  return x\n");
  CHECK_THAT(ask(*raising.endpoint, kJson, "[1]").body, ContainsSubstring("no such luck"));
  Bare pair("def forward(self, x):\n  return x, x\n");
  CHECK_THAT(ask(*pair.endpoint, kJson, "[1]").body, ContainsSubstring("one tensor"));
}

TEST_CASE("A model.json with other labels than the network has outputs is refused when it is loaded", "[serve]") {
  Digits digits;
  artifact::Manifest manifest = digits_manifest();
  manifest.labels.pop_back();
  artifact::save(digits.directory.path(), digits.net, torch::zeros({1, 1, 28, 28}), manifest);
  const auto open = [&] { serve::Endpoint endpoint(digits.directory.path(), settings(), c10::kCPU, quiet()); };
  CHECK_THROWS_WITH(open(), ContainsSubstring("model.pt and model.json belong to different models"));
}

TEST_CASE("A directory without a model that can be served is refused", "[serve]") {
  test::TemporaryDirectory directory;
  const auto open = [&] { serve::Endpoint endpoint(directory.path(), settings(), c10::kCPU, quiet()); };
  CHECK_THROWS_WITH(open(), ContainsSubstring("found no model.pt"));
  directory.write("model.tar.gz", "x");
  directory.write("a.pt", "x");
  CHECK_THROWS_WITH(open(), ContainsSubstring("a.pt") && ContainsSubstring("cannot be loaded"));
  directory.write("b.pth", "x");
  CHECK_THROWS_WITH(open(), ContainsSubstring("found a.pt and b.pth"));
  c10::Dict<std::string, at::Tensor> weights;
  weights.insert("fc.weight", torch::ones({2}));
  const std::vector<char> saved = torch::pickle_save(weights);
  directory.write("model.pt", {saved.data(), saved.size()});
  CHECK_THROWS_WITH(open(), ContainsSubstring("torch.save"));
}

TEST_CASE("A full queue refuses at once and says when to come again", "[serve]") {
  config::Endpoint chosen = settings(1);
  chosen.queue_size = 1;
  Digits digits(chosen);
  const std::string body = npy(torch::rand({500, 1, 28, 28}));
  std::vector<std::promise<http::Response>> answers(20);
  for (auto& answer : answers) {
    digits.endpoint->invoke({"POST", "/invocations", "", {{"Content-Type", kNpy}}, body},
                            [&answer](http::Response response) { answer.set_value(std::move(response)); });
  }
  int refused = 0;
  for (auto& answer : answers) {
    const http::Response response = answer.get_future().get();
    if (response.status == 200) continue;
    CHECK(response.status == 503);
    CHECK(code_of(response) == "queue_full");
    CHECK(response.headers == http::Headers{{"Retry-After", "1"}});
    ++refused;
  }
  CHECK(refused > 0);
  CHECK(refused < 20);
}

TEST_CASE("What has waited longer than the timeout is turned away", "[serve]") {
  config::Endpoint chosen = settings(1);
  chosen.timeout = std::chrono::milliseconds(0);
  Digits digits(chosen);
  const http::Response late = ask(*digits.endpoint, kJson, "[1]");
  CHECK(late.status == 503);
  CHECK(code_of(late) == "overloaded");
  CHECK(late.headers == http::Headers{{"Retry-After", "1"}});
}

TEST_CASE("What nobody waits for any more is not computed to its end", "[serve]") {
  config::Endpoint chosen = settings(1);
  chosen.timeout = std::chrono::milliseconds(30);
  Digits digits(chosen);
  const http::Response late = ask(*digits.endpoint, kNpy, npy(torch::zeros({20000, 1, 28, 28})));
  CHECK(late.status == 504);
  CHECK(code_of(late) == "prediction_timeout");
  CHECK(ask(*digits.endpoint, kNpy, npy(torch::zeros({1, 1, 28, 28}))).status == 200);
}

TEST_CASE("Answers that are too large, and memory that is not there, are no fault of the program's", "[serve]") {
  Bare wide("def forward(self, x):\n  return x.expand([12000000])\n");
  const http::Response large = ask(*wide.endpoint, kJson, "[1]");
  CHECK(large.status == 413);
  CHECK(code_of(large) == "answer_too_large");
  CHECK(ask(*wide.endpoint, kJson, "[1]", kNpy).status == 200);
  Bare greedy("def forward(self, x):\n  return torch.zeros([1125899906842624])\n");
  const http::Response none = ask(*greedy.endpoint, kJson, "[1]");
  CHECK(none.status == 500);
  CHECK(code_of(none) == "out_of_memory");
}
