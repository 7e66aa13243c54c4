// Requests that are answered with 200, and the answers' bytes.
#include "models/tabular/net.hpp"
#include "tests/codec/image/made_png.hpp"
#include "tests/serve/served_models.hpp"

using namespace smlt;
using namespace smlt::test;

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
  const at::Tensor input = image::normalized(torch::full({1, 1, 28, 28}, 100, torch::kByte), *digits_manifest().image);
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

TEST_CASE("JSON Lines have one line per record, bad records included", "[serve]") {
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
  CHECK(ask(*digits.endpoint, kLines, body, kJson).status == 400);  // an array has no room for an error
  const std::string good = text(images[0]) + "\n" + text(images[1]) + "\n";
  CHECK(read(ask(*digits.endpoint, kLines, good, kJson)).sizes() == at::IntArrayRef({2, 10}));
}

TEST_CASE("Lines keep their number and order even if there are more than are read at once", "[serve]") {
  Bare twice("def forward(self, x):\n  return x * self.weight\n");
  std::string body;
  std::string expected;
  for (int i = 0; i < 2500; ++i) {
    body += fmt::format("[{}]\n", i);
    expected += fmt::format("{}[{}.0]", i == 0 ? "" : "\n", 2 * i);
  }
  CHECK(ask(*twice.endpoint, kLines, body).body == expected);
}

TEST_CASE("A single row of a table is answered as AWS's handler does, a line of CSV with a line", "[serve]") {
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
  serve::Endpoint endpoint(directory.path(), chosen_settings(), c10::kCPU, quiet());
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

TEST_CASE("Numbers that are not finite are answered as Python prints them", "[serve]") {
  Bare same("def forward(self, x):\n  return x * self.weight\n");
  CHECK(ask(*same.endpoint, kJson, "[NaN, Infinity, 1]").body == "[NaN, Infinity, 2.0]");
  CHECK(ask(*same.endpoint, kJson, "{\"inputs\": [NaN, Infinity, 1]}").body == "[NaN, Infinity, 2.0]");
  CHECK(ask(*same.endpoint, kJson, "\xEF\xBB\xBF[1]").body == "[2.0]");
  CHECK(ask(*same.endpoint, "application/octet-stream", "\xEF\xBB\xBF[1]").body == "[2.0]");
  CHECK(ask(*same.endpoint, "application/jsonlines", "\xEF\xBB\xBF[1]\r\n[3]\r\n").status == 200);
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
}
