#include "serve/background.hpp"

#include <atomic>
#include <future>

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("Tasks in the background run side by side, a limited number waits, and the end waits for all", "[serve]") {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> done{0}, started{0};
  const auto task = [&, gone] {
    ++started;
    gone.wait();
    ++done;
  };
  {
    serve::Background background(2, 3);
    REQUIRE(background.post(task));
    REQUIRE(background.post(task));
    while (started < 2) std::this_thread::yield();
    for (int i = 0; i < 3; ++i) REQUIRE(background.post(task));
    CHECK_FALSE(background.post(task));
    CHECK(started == 2);
    go.set_value();
  }
  CHECK(done == 5);
}
