#include "cluster/beats.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using namespace std::chrono_literals;
using cluster::Beat;
using cluster::Beats;
using Ranks = Beats::Ranks;

namespace {

constexpr Beats::Clock::time_point kStart{};

Beat waiting(uint64_t count, uint64_t collective, uint64_t moved) {
  return {count, collective, moved, false, "10.0.0.1"};
}

}  // namespace

TEST_CASE("A beat survives its text", "[cluster]") {
  const Beat beat = Beat::parse(Beat{7, 12, 1'000'000'000'000, true, "fd00::2"}.text());
  CHECK(beat.count == 7);
  CHECK(beat.waits_in == 12);
  CHECK(beat.moved == 1'000'000'000'000);
  CHECK(beat.is_done);
  CHECK(beat.address == "fd00::2");
  CHECK(Beat::parse(Beat().text()).address == "-");
  CHECK_THROWS_AS(Beat::parse("7 12"), AlgorithmError);
}

TEST_CASE("A rank is silent once it has arrived and its count stays", "[cluster]") {
  Beats beats(3, kStart);
  CHECK(beats.absent() == Ranks{0, 1, 2});
  CHECK(beats.silent(kStart + 100s, 20s).empty());
  beats.note({waiting(1, 0, 0), waiting(1, 0, 0), {}}, kStart + 100s);
  CHECK(beats.absent() == Ranks{2});
  beats.note({waiting(2, 0, 0), waiting(1, 0, 0), {}}, kStart + 102s);
  CHECK(beats.silent(kStart + 120s, 20s).empty());
  CHECK(beats.silent(kStart + 121s, 20s) == Ranks{1});
  CHECK(beats.silent(kStart + 123s, 20s) == Ranks{0, 1});
}

TEST_CASE("A rank that has left may be silent", "[cluster]") {
  Beats beats(2, kStart);
  beats.note({waiting(1, 0, 0), {2, 0, 0, true, "10.0.0.2"}}, kStart);
  CHECK(beats.silent(kStart + 1h, 20s) == Ranks{0});
}

TEST_CASE("A process that was stopped itself does not blame the others", "[cluster]") {
  Beats beats(2, kStart);
  beats.note({waiting(1, 3, 0), waiting(1, 3, 0)}, kStart);
  beats.excuse(60s);
  CHECK(beats.silent(kStart + 75s, 20s).empty());
  CHECK_FALSE(beats.are_stuck(kStart + 75s, 20s));
  CHECK(beats.silent(kStart + 81s, 20s) == Ranks{0, 1});
}

TEST_CASE("Ranks are stuck when all wait and no byte moves", "[cluster]") {
  Beats beats(2, kStart);
  beats.note({waiting(1, 3, 10), waiting(1, 3, 10)}, kStart);
  beats.note({waiting(9, 3, 10), waiting(9, 3, 10)}, kStart + 10s);
  CHECK_FALSE(beats.are_stuck(kStart + 20s, 20s));
  CHECK(beats.are_stuck(kStart + 21s, 20s));

  SECTION("not while a rank computes") {
    beats.note({waiting(10, 3, 10), waiting(10, 0, 10)}, kStart + 12s);
    CHECK_FALSE(beats.are_stuck(kStart + 32s, 20s));
  }
  SECTION("not while the transfer proceeds") {
    beats.note({waiting(10, 3, 11), waiting(10, 3, 10)}, kStart + 12s);
    CHECK_FALSE(beats.are_stuck(kStart + 32s, 20s));
  }
  SECTION("not while ranks go from one operation to the next") {
    beats.note({waiting(10, 4, 10), waiting(10, 4, 10)}, kStart + 12s);
    CHECK_FALSE(beats.are_stuck(kStart + 32s, 20s));
  }
}

TEST_CASE("An address in an error text names its ranks", "[cluster]") {
  Beats beats(3, kStart);
  beats.note({{1, 0, 0, false, "10.0.0.1"}, {1, 0, 0, false, "10.0.0.11"}, {1, 0, 0, false, "10.0.0.11"}}, kStart);
  CHECK(beats.named_in("Read error [10.0.0.1]:4711: Connection reset by peer") == Ranks{0});
  CHECK(beats.named_in("Connection closed by peer [10.0.0.11]:4711.") == Ranks{1, 2});
  CHECK(beats.named_in("Timed out").empty());
}
