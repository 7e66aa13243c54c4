#include "codec/table/table_look.hpp"

#include <string>

#include "tests/catch.hpp"

using smlt::codec::table_look;
using smlt::codec::TableLook;

namespace {

constexpr size_t kFront = size_t{64} << 10;

TableLook look(std::string_view text) { return table_look(text.substr(0, kFront), text.size() < kFront); }

}  // namespace

TEST_CASE("a table of numbers is recognized by its first two rows", "[table]") {
  for (const char* text : {"1,2\n3,4\n", "a,b,c\n3,,\n", "1,2", "\xEF\xBB\xBF\"1\",2\n", "0,True\n1,False\n"}) {
    INFO(text);
    CHECK(look(text) == TableLook::kTable);
  }
}

TEST_CASE("a table with class names is recognized if a name occurs twice", "[table]") {
  CHECK(look("cat,1,2\ndog,3,4\ncat,5,6\n") == TableLook::kTable);
  CHECK(look("\"a, b\",1\nc,2\n\"a, b\",3\n") == TableLook::kTable);
  CHECK(look("cat,1,2\ndog,3,4\n") == TableLook::kSimilar);
  CHECK(look("a.png,3\nb.png,4\nc.png,3\n") == TableLook::kSimilar);
}

TEST_CASE("a table with something wrong is distinguished from other files", "[table]") {
  for (const char* text : {"0,?\n1,?\n", "0,NA,1\n1,2,?\n", "id,age,job\n1,30,cook\n2,40,smith\n", "0;1;2\n1;3;4\n",
                           "0\t1\n", "0|1|2\n", "a;b\n0;1,5\n", "image,label\na.png,3\n"}) {
    INFO(text);
    CHECK(look(text) == TableLook::kSimilar);
  }
  CHECK(look(std::string_view("0\0,\0"
                              "1\0\n\0",
                              8)) == TableLook::kSimilar);
}

TEST_CASE("other files are not tables", "[table]") {
  for (const char* text :
       {"", "1", "1\n2\n", "hello\nworld\n", ",,\n,\n", "a,b\nc,d\n", "{\"added\":[\"a\"],\"removed\":[]}",
        "Hello, this\nis version 1, of\nthe, data, 2\n", "x,?\ny,?\n"}) {
    INFO(text);
    CHECK(look(text) == TableLook::kNone);
  }
  CHECK(look(std::string(100'000, '1')) == TableLook::kNone);
  CHECK(look(std::string_view("a,2\n3,\0\n", 8)) == TableLook::kNone);
}
