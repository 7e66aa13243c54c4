#include <string>

#include "base/error.hpp"
#include "codec/pickle/pickle_numpy.hpp"
#include "codec/pickle/pickle_values.hpp"
#include "tests/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_cifar.hpp"

using namespace std::string_literals;
using namespace smlt::codec;
using smlt::UserError;
using smlt::test::kPickleOfArrays;
using smlt::test::kPickles;
using Kind = PickleValue::Kind;

using smlt::test::as_bytes;

namespace {

Pickle read(const std::string& bytes) {
  return Pickle({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "file.pickle", kNumpyPickle);
}

// A dictionary with one entry 'a', of protocol 2 without a frame.
std::string with_value(const std::string& value) {
  return "\x80\x02}U\x01"
         "a" +
         value + "s.";
}

}  // namespace

TEST_CASE("a batch is read in every protocol, of Python 2 and 3, to the same values", "[pickle]") {
  for (size_t i = 0; i < kPickles.size(); ++i) {
    CAPTURE(i);
    const Pickle pickle = read(kPickles[i]);
    const PickleValue* label = pickle.root().at("batch_label");
    REQUIRE(label != nullptr);
    CHECK(label->bytes == "b");
    const PickleValue* labels = pickle.root().at("labels");
    REQUIRE(labels != nullptr);
    REQUIRE(labels->items.size() == 2);
    CHECK(labels->items[0]->number == 6);
    CHECK(labels->items[1]->number == 9);
    const PickleValue* data = pickle.root().at("data");
    REQUIRE(data != nullptr);
    CHECK(data->kind == Kind::kArray);
    CHECK(data->element_size == 1);
    CHECK(data->shape == std::vector<int64_t>{2, 3});
    CHECK(data->bytes == "\0\n\xff'\\\xc8"s);
    CHECK(pickle.root().at("absent") == nullptr);
    CHECK(looks_like_pickle(as_bytes(kPickles[i])));
  }
}

TEST_CASE("keys may be bytes, and labels an array of integers", "[pickle]") {
  const Pickle pickle = read(kPickleOfArrays);
  const PickleValue* labels = pickle.root().at("labels");
  REQUIRE(labels != nullptr);
  CHECK(labels->element_size == 8);
  CHECK(labels->shape == std::vector<int64_t>{2});
  CHECK(labels->bytes == "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"s);
}

TEST_CASE("integers in all spellings", "[pickle]") {
  for (const auto& [spelling, value] : {std::pair{"K\xff"s, int64_t{255}},
                                        {"M\1\2"s, 513},
                                        {"J\xfe\xff\xff\xff"s, -2},
                                        {"I-7\n"s, -7},
                                        {"L12L\n"s, 12},
                                        {"\x8a\0"s, 0},
                                        {"\x8a\1\x80"s, -128},
                                        {"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s, INT64_MAX},
                                        {"\x8b\1\0\0\0\5"s, 5},
                                        {"I01\n"s, 1},
                                        {"\x88"s, 1},
                                        {"\x89"s, 0}}) {
    CAPTURE(spelling);
    CHECK(read(with_value(spelling)).root().at("a")->number == value);
  }
  for (const std::string& wrong : {"Iten\n"s, "I1e3\n"s, "I\n"s, "I99999999999999999999\n"s,
                                   "\x8a\x09\0\0\0\0\0\0\0\0\1"s, "\x8b\xff\xff\xff\xff"s}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(read(with_value(wrong)), UserError);
  }
}

TEST_CASE("the last entry with a key counts, and containers may hold each other and themselves", "[pickle]") {
  CHECK(read("\x80\x02}(U\1aK\1U\1aK\2u."s).root().at("a")->number == 2);
  const std::string bytes = "\x80\x02}q\1U\1ah\1s."s;
  const Pickle cycle = read(bytes);
  CHECK(cycle.root().at("a") == &cycle.root());
  std::string deep = "\x80\x02}U\1a"s;
  for (int i = 0; i < 500'000; ++i) deep += "\x85";
  deep.insert(6, "N");
  CHECK_NOTHROW(read(deep + "s."));
}

TEST_CASE("nothing is called that a plain array does not need; the error gives the name", "[pickle]") {
  CHECK_THROWS_WITH(read("cos\nsystem\n(S'true'\ntR."s),
                    ContainsSubstring("found the object 'os.system' at byte 0; nothing in it was run"));
  CHECK_THROWS_WITH(read("\x80\x04\x8c\2os\x8c\6system\x93."s), ContainsSubstring("'os.system' at byte 14"));
  CHECK_THROWS_WITH(read("c__builtin__\neval\n."s), ContainsSubstring("'__builtin__.eval'"));
  CHECK_THROWS_WITH(read("cnumpy\nload\n."s), ContainsSubstring("'numpy.load'"));
  CHECK_THROWS_WITH(read("(i__main__\nA\n."s), ContainsSubstring("the opcode 0x69"));  // INST
  CHECK_THROWS_WITH(read("\x80\x02\x82\1."s), ContainsSubstring("the opcode 0x82"));   // EXT1
  CHECK_THROWS_WITH(read("Pid\n."s), ContainsSubstring("the opcode 0x50"));            // PERSID
  CHECK_THROWS_WITH(read("\x80\x05}U\1a\x97s."s), ContainsSubstring("a buffer that lies outside"));
  CHECK_THROWS_WITH(read(with_value("c_codecs\nencode\nX\1\0\0\0aX\5\0\0\0utf16\x86R"s)),
                    ContainsSubstring("the encoding 'utf16'"));
  CHECK_THROWS_WITH(read(with_value("cnumpy\nndarray\n)R"s)),
                    ContainsSubstring("a call of something that must not be called"));
  CHECK_THROWS_WITH(read(with_value("}K\1b"s)), ContainsSubstring("the state of an object"));
  CHECK_THROWS_WITH(read("\x80\x06}."s), ContainsSubstring("protocol 6"));
}

TEST_CASE("a shape that differs from the data is refused", "[pickle]") {
  const std::string good = kPickles[3];
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    return changed.replace(changed.find(from), from.size(), to);
  };
  const std::string shape = "(K\1K\2K\3\x86"s;
  CHECK_NOTHROW(read(with(shape, "(K\1K\3K\2\x86"s)));
  for (const std::string& wrong :
       {"(K\1K\2K\4\x86"s, "(K\1K\2J\xff\xff\xff\xff\x86"s, "(K\1K\2N\x86"s, "(K\1N"s,
        "(K\1\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x86"s}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(read(with(shape, wrong)), UserError);
  }
}

// By numpy 2.4 and Python 3.11, whose protocols 4 and 5 differ in how arrays are built. numpy 1 calls the same
// functions by names in numpy.core.
TEST_CASE("arrays may be stored column by column, and with their axes in any order", "[pickle]") {
  const auto with = [&](std::string bytes, const std::string& from, const std::string& to) {
    REQUIRE(bytes.find(from) != std::string::npos);
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  const std::string by_rows = "\0\n\xff'\\\xc8"s, by_columns = "\0'\n\\\xff\xc8"s;
  const std::string state = "\x89" + "C\6"s;
  const std::vector<std::string> spellings = {
      with(with(kPickles[3], state + by_rows, state + by_columns), state, "\x88" + "C\6"s),
      with(with(kPickles[5], by_rows, by_columns), "\x8c\1C"s, "\x8c\1F"s),
      // The data has the shape (3, 2), whose axes 1 and 0 are the rows and columns.
      with(with(with(kPickles[5], by_rows, by_columns), "K\2K\3\x86"s, "K\3K\2\x86"s), "\x8c\1C\x94t"s,
           "\x8c\1K\x94K\1K\0\x86\x94t"s)};
  for (const std::string& bytes : spellings) {
    const Pickle pickle = read(bytes);
    CHECK(pickle.root().at("data")->bytes == by_rows);
    CHECK(pickle.root().at("data")->shape == std::vector<int64_t>{2, 3});
  }
  const std::string axes = "K\1K\0\x86"s;
  for (const std::string& wrong : {"K\1K\1\x86"s, "K\0K\2\x86"s, "K\0\x85"s, ")"s, "N"s, "K\0K\1K\2\x87"s}) {
    CHECK_THROWS_AS(read(with(spellings[2], axes, wrong)), UserError);
  }
  CHECK_THROWS_AS(read(with(kPickles[5], "\x8c\1C"s, "\x8c\1A"s)), UserError);
}

TEST_CASE("an array of big-endian integers becomes little-endian, one of another type keeps its type", "[pickle]") {
  const auto array = [](const std::string& type, const std::string& order, const std::string& data) {
    return with_value(
        "cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\1btR(K\1K\2\x85"
        "cnumpy\ndtype\nU\2"s +
        type + "\x89\x88\x87R(K\3U\1" + order + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"s + data + "tb");
  };
  const std::string big = array("i4", ">", "U\x08\0\0\1\2\xff\xff\xff\xfe"s);
  const Pickle pickle = read(big);
  CHECK(integers_of(*pickle.root().at("a")) == std::vector<std::optional<int64_t>>{258, -2});
  const std::string objects = array("O8", "|", "](K\7Ne"s);
  CHECK(integers_of(*read(objects).root().at("a")) == std::vector<std::optional<int64_t>>{7, std::nullopt});
  const std::string reals = array("f4", "<", "U\x08\0\0\x80?\0\0\0@"s);
  const Pickle two = read(reals);
  CHECK(described(*two.root().at("a")) == "a numpy array of type 'f4'");
  CHECK(integers_of(*two.root().at("a")) == std::vector<std::optional<int64_t>>(2));
  const std::string texts = array("U1", "<", "U\x08\xe4\0\0\0b\0\0\0"s);
  CHECK(texts_of(*read(texts).root().at("a")) == std::vector<std::string>{"\u00e4", "b"});
  CHECK_THROWS_AS(read(array("i4", "<", "U\7\0\0\1\2\xff\xff\xff"s)), UserError);
  CHECK_THROWS_AS(read(array("i4", "<", "N"s)), UserError);
}

TEST_CASE("numpy's scalars are integers and texts, in either numpy", "[pickle]") {
  const auto scalar = [](const std::string& module, const std::string& type, const std::string& order,
                         const std::string& data) {
    return with_value("c" + module + ".multiarray\nscalar\n(cnumpy\ndtype\nU\2" + type + "\x89\x88\x87R(K\3U\1" +
                      order + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbU"s + static_cast<char>(data.size()) + data +
                      "tR");
  };
  for (const std::string module : {"numpy.core", "numpy._core"}) {
    for (const auto& [type, data, value] : {std::tuple{"i8"s, "\7\0\0\0\0\0\0\0"s, int64_t{7}},
                                            {"i4"s, "\xfe\xff\xff\xff"s, -2},
                                            {"i2"s, "\0\1"s, 256},
                                            {"i1"s, "\xff"s, -1},
                                            {"u1"s, "\xff"s, 255},
                                            {"u2"s, "\xff\xff"s, 65535},
                                            {"u4"s, "\xff\xff\xff\xff"s, 4294967295},
                                            {"u8"s, "\1\0\0\0\0\0\0\x10"s, (int64_t{1} << 60) + 1}}) {
      CAPTURE(module, type);
      const std::string bytes = scalar(module, type, "<", data);
      const Pickle pickle = read(bytes);
      CHECK(pickle.root().at("a")->kind == Kind::kInteger);
      CHECK(pickle.root().at("a")->number == value);
    }
  }
  CHECK(read(scalar("numpy.core", "i2", ">", "\1\2"s)).root().at("a")->number == 258);
  const std::string text = scalar("numpy._core", "U2", "<", "a\0\0\0\xe4\0\0\0"s);
  CHECK(read(text).root().at("a")->bytes == "a\u00e4");
  CHECK(read(scalar("numpy._core", "f4", "<", "abcd"s)).root().at("a")->kind == Kind::kReal);
  CHECK(read(scalar("numpy._core", "u8", "<", std::string(8, '\xff'))).root().at("a")->kind == Kind::kOther);
  CHECK_THROWS_AS(read(scalar("numpy._core", "i8", "<", "1234567"s)), UserError);
  CHECK_THROWS_AS(read(with_value("cnumpy._core.multiarray\nscalar\n)R"s)), UserError);
}

TEST_CASE("few bytes cannot take much memory", "[pickle]") {
  std::string many = "\x80\x02}U\1a("s;
  for (size_t i = 0; i <= Pickle::kMostValues; ++i) many += "N";
  CHECK_THROWS_WITH(read(many + "ls."), ContainsSubstring("more than 2097152 values"));
  // A text of 1 MiB that is encoded a hundred times.
  std::string texts = "\x80\x02}c_codecs\nencode\nq\1X\0\0\x10\0"s + std::string(1 << 20, 'x') + "q\2";
  for (int i = 0; i < 100; ++i) texts += "h\1h\2X\6\0\0\0latin1\x86R"s;
  CHECK_THROWS_WITH(read(texts), ContainsSubstring("far more than the file holds"));
  CHECK_THROWS_WITH(read("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff."s),
                    ContainsSubstring("more bytes of a pickle"));
}

TEST_CASE("a pickle that is cut off anywhere, continues after its end or lacks parts is an error", "[pickle]") {
  for (const std::string& whole : kPickles) {
    for (size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_THROWS_AS(read(whole.substr(0, size)), UserError);
    }
    CHECK_THROWS_AS(read(whole + "x"), UserError);
  }
  for (const std::string& wrong : {"."s,       "N."s,     "}}."s,       "]K\1s."s,    "}K\1s."s,
                                   "}(K\1u."s, "K\1a."s,  "(."s,        "u."s,        "t."s,
                                   "h\1."s,    "q\1."s,   "\x86."s,     "R."s,        "}b."s,
                                   "\x93."s,   "S'a\n."s, "S'\\q'\n."s, "V\\u12\n."s, "\x80\x02}\x94\x95."s}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(read(wrong), UserError);
  }
}

TEST_CASE("a pickle is recognised by its first bytes", "[pickle]") {
  for (const char* foreign : {"", "(", "}", "text", "\x80\x02", "\x80\x09}", "\x80\x04\x95", "\x80\x02]q"}) {
    CHECK_FALSE(looks_like_pickle(as_bytes(foreign)));
  }
}

TEST_CASE("A list that is the content of many arrays is refused before it fills memory", "[pickle]") {
  using namespace std::string_literals;
  std::string pickle = "\x80\2}U\1a]q\0("s;
  for (int i = 0; i < 5000; ++i) pickle += "K\1";
  pickle += "es";
  const std::string array =
      "U\1bcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85"s
      "U\1b\x87R(K\1K\1\x85"
      "cnumpy\ndtype\nU\2O8K\0K\1\x87R\x89h\0tbs"s;
  CHECK_NOTHROW(Pickle(as_bytes(pickle + array + "."), "file", kNumpyPickle));
  for (int i = 0; i < 100; ++i) pickle += array;
  CHECK_THROWS_WITH(Pickle(as_bytes(pickle + "."), "file", kNumpyPickle),
                    ContainsSubstring("lists that expand to far more than the file holds"));
}
