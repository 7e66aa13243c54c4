#include "datasets/reading.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/catch.hpp"

using smlt::datasets::Reading;

TEST_CASE("A value is read once, on another thread, and can be moved out", "[datasets]") {
  std::atomic<int> calls = 0;
  std::thread::id reader;
  Reading<std::string> reading([&] {
    ++calls;
    reader = std::this_thread::get_id();
    return std::string("read");
  });
  CHECK(reading.value() == "read");
  CHECK(reading.take() == "read");
  CHECK(calls == 1);
  CHECK(reader != std::this_thread::get_id());
}

TEST_CASE("An error while reading is thrown when the value is asked for", "[datasets]") {
  Reading<int> reading([]() -> int { throw std::runtime_error("not to be read"); });
  CHECK_THROWS_WITH(reading.take(), "not to be read");
}
