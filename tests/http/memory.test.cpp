// What the server does if memory runs out: it continues, and says what was lost.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "http/request_log.hpp"
#include "tests/catch.hpp"
#include "tests/http/running_server.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which have their own operator new

namespace {

std::atomic<bool> is_lacking{false};
std::atomic<int> refusals{0};
thread_local bool is_spared = false;  // this thread still gets memory

// While it exists, threads other than the calling one get no memory.
struct Lack {
  Lack() {
    is_spared = true;
    refusals = 0;
  }
  ~Lack() { is_lacking = false; }
  Lack(const Lack&) = delete;
  Lack& operator=(const Lack&) = delete;
};

std::string all_of(int fd) {
  std::string text(65536, '\0');
  text.resize(static_cast<size_t>(::read(fd, text.data(), text.size())));
  return text;
}

}  // namespace

void* operator new(std::size_t size) {
  if (is_lacking && !is_spared) {
    ++refusals;
    throw std::bad_alloc();
  }
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace smlt;
using namespace smlt::test;

TEST_CASE("A line that the log has no memory for is counted, and later ones appear", "[http]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Output output(ends[1]);
  http::RequestLog log(output);
  {
    const Lack lack;
    is_lacking = true;
    log.line("A line of the request log", " that is lost");
    CHECK(eventually([] { return refusals > 0; }));
  }
  log.line("A later line of the request log");
  log.close();
  const std::string written = all_of(ends[0]);
  CHECK_THAT(written, !ContainsSubstring("that is lost"));
  CHECK_THAT(written, ContainsSubstring("A later line of the request log\n"));
  CHECK_THAT(written, ContainsSubstring("1 lines of the request log were left out"));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("The server continues after a failure that it has no memory to report", "[http]") {
  RunningServer server(echo_routes());
  {
    const Lack lack;
    server.server().post([] {
      is_lacking = true;
      throw std::bad_alloc();
    });
    CHECK(eventually([] { return refusals > 0; }));
  }
  CHECK(status_of(Client(server.port()).ask(get("/ping"))) == 200);
}

#endif
