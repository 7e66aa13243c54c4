#include "base/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

using namespace smlt;

namespace {

class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_, O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  int writer() const { return ends_[1]; }
  void close_reader() { ::close(std::exchange(ends_[0], -1)); }
  void close_writer() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  std::string read_some() const {
    std::string text(1 << 16, '\0');
    const ssize_t got = ::read(ends_[0], text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return text;
  }
  std::string read_all() {
    close_writer();
    std::string all;
    for (std::string text = read_some(); !text.empty(); text = read_some()) all += text;
    return all;
  }

 private:
  int ends_[2] = {-1, -1};
};

std::string written(const std::string& text) {
  Pipe pipe;
  Output(pipe.writer()).line(text);
  return pipe.read_all();
}

}  // namespace

TEST_CASE("A line is in the pipe before the call returns", "[base]") {
  Pipe pipe;
  Output output(pipe.writer());
  output.line("epoch={}; loss={:.2f};", 3, 0.5);
  CHECK(pipe.read_some() == "epoch=3; loss=0.50;\n");
  output.line("{}");
  CHECK(pipe.read_some() == "{}\n");
}

TEST_CASE("Output is valid UTF-8 without control characters", "[base]") {
  CHECK(written("a\tb\rc\xff\x1b[31m") == "a b c\uFFFD [31m\n");
  CHECK(written("first\nsecond") == "first\nsecond\n");
  CHECK(written("") == "\n");
}

TEST_CASE("Lines of many threads are never torn", "[base]") {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  Pipe pipe;
  Output output(pipe.writer());
  constexpr size_t kLength = 6000;  // more than a pipe takes in one piece (PIPE_BUF)
  std::string all;
  std::thread reader([&] {
    while (all.size() < kThreads * kLines * (kLength + 1)) all += pipe.read_some();
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; ++i) {
    writers.emplace_back([&output, i] {
      for (int k = 0; k < kLines; ++k) output.line(std::string(kLength, static_cast<char>('a' + i)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  reader.join();
  std::map<std::string, int> lines;
  std::istringstream stream(all);
  for (std::string line; std::getline(stream, line);) ++lines[line];
  REQUIRE(lines.size() == kThreads);
  for (const auto& [line, count] : lines) CHECK(count == kLines);
}

TEST_CASE("A non-blocking pipe with a slow reader loses no line", "[base]") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK) == 0);
  std::thread writer([&] {
    Output output(pipe.writer());
    for (int i = 0; i < 50; ++i) output.line(std::string(10'000, 'x'));
    pipe.close_writer();
  });
  std::string all;
  for (std::string text = pipe.read_some(); !text.empty(); text = pipe.read_some()) {
    all += text;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  writer.join();
  CHECK(all.size() == 50 * 10'001);
}

TEST_CASE("A reader that has gone away does not end the program", "[base]") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  Output output(pipe.writer());
  output.line("nobody listens");
  CHECK(::write(pipe.writer(), "x", 1) == -1);
  std::signal(SIGPIPE, before);
}
