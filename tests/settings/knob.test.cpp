#include "settings/knob.hpp"

#include <cmath>
#include <locale>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "values/number.hpp"

using namespace smlt;
using namespace smlt::settings;
using namespace smlt::values;

namespace {

constexpr const char* kSource = "hyperparameters.json";

int64_t integer_from(const std::string& raw) { return std::get<int64_t>(integer("epochs", 3).parse(raw, kSource)); }
double real_from(const std::string& raw) { return std::get<double>(real("lr", 0.25).parse(raw, kSource)); }
bool boolean_from(const std::string& raw, bool otherwise) {
  return std::get<bool>(boolean("use-bn", otherwise).parse(raw, kSource));
}

}  // namespace

TEST_CASE("An integer is read in every spelling in which a client sends it", "[settings]") {
  for (const char* raw : {"10", "10.0", "\"10\"", "+10", "1e1", "010", "1_0", " 10 ", "\"\\\"10\\\"\"", "100e-1"}) {
    CAPTURE(raw);
    CHECK(integer_from(raw) == 10);
  }
  CHECK(integer_from("007") == 7);
  CHECK(integer_from("1e3") == 1000);
  CHECK(integer_from("1_000") == 1000);
  CHECK(integer_from("-5") == -5);
  CHECK(integer_from("-0") == 0);
  CHECK(integer_from("0e99999999999999999999") == 0);
}

TEST_CASE("Integers are exact to both ends of 64 bits and refused beyond", "[settings]") {
  CHECK(integer_from("9223372036854775807") == INT64_MAX);
  CHECK(integer_from("-9223372036854775808") == INT64_MIN);
  CHECK(integer_from("9007199254740993.0") == 9007199254740993);  // 2^53 + 1, which no double holds
  for (const char* raw : {"9223372036854775808", "-9223372036854775809", "1e19", "1e9999", "1e99999999999999999999"}) {
    CAPTURE(raw);
    CHECK_THROWS_AS(integer_from(raw), UserError);
  }
}

TEST_CASE("Text that is not a whole decimal number is refused as an integer", "[settings]") {
  for (const char* raw : {"ten", "2.5", "0x10", "1__0", "_1",  "1_",   "1e",  "e3", ".",    "-",
                          "+-1", "1 2", "nan",  "inf",  "1,0", "true", "[1]", "{}", "1e-1", "\"\\\"\\\"\\\"1"}) {
    CAPTURE(raw);
    CHECK_THROWS_AS(integer_from(raw), UserError);
  }
}

TEST_CASE("A refused value is named with its hyperparameter, its source and what is accepted", "[settings]") {
  const Knob epochs = integer("epochs", 10).at_least(1);
  const std::string sentence =
      "Hyperparameter epochs (from hyperparameters.json) must be an integer of at least 1, but it is ";
  for (const std::string raw : {"ten", "-1", "1e9999", "2.5", "0"}) {
    CHECK_THROWS_WITH(epochs.parse(raw, kSource), sentence + "'" + raw + "'.");
  }
  CHECK_THROWS_WITH(real("lr", 0.1).above(0).parse("nan", "command line"),
                    "Hyperparameter lr (from command line) must be a finite number above 0, but it is 'nan'.");
  CHECK_THROWS_WITH(
      integer("batch-size", 64).at_least(1).parse("0", "SM_HP_BATCH-SIZE"),
      "Hyperparameter batch-size (from SM_HP_BATCH-SIZE) must be an integer of at least 1, but it is '0'.");
}

TEST_CASE("A real is the nearest double in every spelling", "[settings]") {
  CHECK(real_from(".5") == 0.5);
  CHECK(real_from("5.") == 5.0);
  CHECK(real_from("1E-4") == 1e-4);
  CHECK(real_from("+1e+2") == 100.0);
  CHECK(real_from("0.01390030725982051") == 0.01390030725982051);
  CHECK(real_from("\"0.1\"") == 0.1);
  CHECK(real_from("1_000.5") == 1000.5);
  CHECK(std::signbit(real_from("-0.0")));
}

TEST_CASE("A real that is not finite or not decimal is refused", "[settings]") {
  for (const char* raw : {"nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "1e400", "-1e400", "0x1p3", "1,5", "1e",
                          ""
                          "one",
                          "nan(1)", "1.2.3", "--1"}) {
    CAPTURE(raw);
    CHECK_THROWS_AS(real_from(raw), UserError);
  }
}

TEST_CASE("The locale does not matter for reading or writing numbers", "[settings]") {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
  CHECK(real_from("0.5") == 0.5);
  CHECK(integer_from("1000") == 1000);
  CHECK(to_text(Value(1234.5)) == "1234.5");
  CHECK(to_text(Value(int64_t{1000})) == "1000");
  CHECK_THROWS_AS(real_from("0,5"), UserError);
  std::locale::global(before);
}

TEST_CASE("Booleans are the words of every client", "[settings]") {
  for (const char* raw : {"true", "True", "TRUE", "1", "yes", "on", "\"true\"", " On "}) {
    CAPTURE(raw);
    CHECK(boolean_from(raw, false));
  }
  for (const char* raw : {"false", "False", "FALSE", "0", "no", "off", "\"False\""}) {
    CAPTURE(raw);
    CHECK_FALSE(boolean_from(raw, true));
  }
  for (const char* raw : {"maybe", "2", "-1", "tru", "[true]"}) CHECK_THROWS_AS(boolean_from(raw, true), UserError);
}

TEST_CASE("Null, None and empty text mean the default", "[settings]") {
  for (const char* raw : {"", "  ", "null", "None", "\"null\"", "\"\""}) {
    CAPTURE(raw);
    CHECK(integer_from(raw) == 3);
    CHECK(real_from(raw) == 0.25);
    CHECK(boolean_from(raw, true));
    CHECK(std::get<std::string>(text("backend", "gloo").parse(raw, kSource)) == "gloo");
    CHECK(std::get<std::vector<std::string>>(list("layers", {"64"}).parse(raw, kSource)).size() == 1);
  }
}

TEST_CASE("A JSON string is unwrapped three times and no more", "[settings]") {
  const Knob backend = text("backend", "");
  CHECK(std::get<std::string>(backend.parse("\"gloo\"", kSource)) == "gloo");
  CHECK(std::get<std::string>(backend.parse("\"\\\"gloo\\\"\"", kSource)) == "gloo");
  const std::string thrice = R"("\"\\\"gloo\\\"\"")";
  CHECK(std::get<std::string>(backend.parse(thrice, kSource)) == "gloo");
  const std::string four_times = R"("\"\\\"\\\\\\\"gloo\\\\\\\"\\\"\"")";
  CHECK(std::get<std::string>(backend.parse(four_times, kSource)) == "\"gloo\"");
  CHECK(std::get<std::string>(backend.parse("\"open", kSource)) == "\"open");
}

TEST_CASE("A choice is matched ignoring case and returned as declared", "[settings]") {
  const Knob device = choice("device", "auto", {"auto", "cpu", "cuda"});
  CHECK(std::get<std::string>(device.parse("CUDA", kSource)) == "cuda");
  CHECK(std::get<std::string>(device.parse("\"cpu\"", kSource)) == "cpu");
  CHECK_THROWS_WITH(device.parse("tpu", "command line"),
                    "Hyperparameter device (from command line) must be one of auto, cpu and cuda, but it is 'tpu'.");
}

TEST_CASE("What a knob accepts is said with its limits", "[settings]") {
  CHECK(integer("a", 0).accepts() == "an integer");
  CHECK(integer("a", 0).at_least(1).at_most(10).accepts() == "an integer from 1 to 10");
  CHECK(real("a", 0).at_least(0).below(1).accepts() == "a finite number of at least 0 and below 1");
  CHECK(real("a", 0).above(0).at_most(0.5).accepts() == "a finite number above 0 and of at most 0.5");
  CHECK(boolean("a", true).accepts() == "true or false");
  CHECK(list("a", {}).accepts() == "a list such as [a,b]");
}

TEST_CASE("Limits hold at their edges", "[settings]") {
  const Knob momentum = real("momentum", 0.5).at_least(0).below(1);
  CHECK(std::get<double>(momentum.parse("0", kSource)) == 0.0);
  CHECK_THROWS_AS(momentum.parse("1", kSource), UserError);
  const Knob lr = real("lr", 0.5).above(0).at_most(1);
  CHECK_THROWS_AS(lr.parse("0", kSource), UserError);
  CHECK(std::get<double>(lr.parse("1", kSource)) == 1.0);
}

TEST_CASE("A knob answers to its name and aliases in any spelling", "[settings]") {
  const Knob knob = integer("batch-size", 64).alias("bs");
  CHECK(knob.is_called("BATCH_SIZE"));
  CHECK(knob.is_called("Bs"));
  CHECK_FALSE(knob.is_called("batchsize"));
}

TEST_CASE("A value as text reads back equal", "[settings]") {
  CHECK(to_text(Value(0.01)) == "0.01");
  CHECK(to_text(Value(true)) == "true");
  CHECK(to_text(Value(int64_t{10})) == "10");
  CHECK(to_text(Value(std::vector<std::string>{"a", "b"})) == "[a,b]");
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 1e16, 123456789.125, -0.0}) {
    CHECK(read_real(to_text(Value(value))) == value);
  }
}

TEST_CASE("Long and odd values end in a short printable sentence", "[settings]") {
  const std::string bytes(1 << 20, '\xff');
  try {
    integer_from(bytes);
    FAIL("must be refused");
  } catch (const UserError& error) {
    CHECK(std::string(error.what()).size() < 500);
  }
  CHECK_THROWS_AS(integer_from(std::string(1 << 20, '9')), UserError);
  CHECK_THROWS_AS(real_from(std::string(1 << 20, '[')), UserError);
  CHECK_THROWS_WITH(integer_from("1\n2"), ContainsSubstring("'1 2'"));
}
