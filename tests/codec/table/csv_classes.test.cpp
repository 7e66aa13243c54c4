#include "codec/table/csv_classes.hpp"

#include <string>

#include "base/error.hpp"
#include "codec/table/csv.hpp"
#include "codec/table/csv_rows.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using smlt::codec::CsvClasses;
using smlt::codec::CsvHeader;
using smlt::codec::CsvRowReader;
using smlt::codec::FloatTable;
using Floats = std::vector<float>;
using Names = std::vector<std::string>;

namespace {

FloatTable read(std::string_view text, CsvClasses& classes, CsvHeader header = CsvHeader::kNone) {
  FloatTable table;
  CsvRowReader(header, "a.csv", table, &classes).take(text, true);
  return table;
}

void refused(std::string_view text, const std::string& phrase, CsvHeader header = CsvHeader::kNone) {
  INFO(text);
  CsvClasses classes;
  CHECK_THROWS_WITH(read(text, classes, header), ContainsSubstring(phrase) && ContainsSubstring("'a.csv'"));
}

}  // namespace

TEST_CASE("class names get numbers in the order of their bytes", "[table]") {
  CsvClasses classes;
  const FloatTable table = read("dog,1,2\ncat,3,4\n\"a, b\",5,6\r\n dog ,7,8\n\"the \"\"x\"\"\",9,0\n", classes);
  CHECK(table.rows == 5);
  CHECK(table.columns == 3);
  CHECK(table.values == Floats{0, 1, 2, 1, 3, 4, 2, 5, 6, 0, 7, 8, 3, 9, 0});
  CHECK(classes.are_names());
  CHECK(classes.close() == std::vector<int64_t>{2, 1, 0, 3});
  CHECK(classes.names() == Names{"a, b", "cat", "dog", "the \"x\""});
  CHECK(read("cat,1,2\ndog,1,2", classes).values == Floats{1, 1, 2, 2, 1, 2});
  CHECK_THROWS_WITH(read("cat,1,2\nbird,1,2\n", classes),
                    ContainsSubstring("Expected a class of the training data ('a, b', 'cat', 'dog' or 'the \"x\"')") &&
                        ContainsSubstring("row 2, column 1 of 'a.csv'") && ContainsSubstring("found 'bird'"));
}

TEST_CASE("names may be in a column of their own after a header too", "[table]") {
  CsvClasses classes;
  CHECK(read("species\nB\nA\nB\n", classes, CsvHeader::kFirstRow).values == Floats{0, 1, 0});
  CHECK(classes.names() == Names{"B", "A"});
  classes.close();
  CHECK(classes.names() == Names{"A", "B"});
}

TEST_CASE("class numbers are read as before, True and False among them", "[table]") {
  CsvClasses classes;
  std::string text;
  for (int row = 0; row < 100; ++row) text += "1,2.5,3\n";
  CHECK(read(text + "True,1,2\nfalse,1,2\n", classes).rows == 102);
  CHECK(classes.are_numbers());
  CHECK(classes.names().empty());
  CsvClasses after_header;
  CHECK(read("y\n" + std::string(80, ' ') + "1\n0\n", after_header, CsvHeader::kFirstRow).rows == 2);
  CHECK(after_header.are_numbers());
}

TEST_CASE("names and numbers do not mix", "[table]") {
  refused("cat,1\n3,2\n",
          "row 2, column 1 of 'a.csv' (both count from 1), as in the rows before, found the number '3'; a file of this "
          "form has no header");
  refused("cat,1\ndog,2\n3,2\n", "found the number '3'; give every class a name or every class a number");
  refused("cat,1\ndog,2\nTrue,2\n", "found the number 'True'");
  refused("0,1\ncat,2\n",
          "Expected a class number in row 2, column 1 of 'a.csv' (both count from 1), as in the rows before, found "
          "'cat'; give every class a name or every class a number");
  refused("0,1\n1e99,2\n", "found '1e99'");
  std::string text;
  for (int row = 0; row < 100; ++row) text += "1,2.5,3\n";
  refused(text + "cat,2,3\n" + text, "Expected a class number in row 101, column 1");
  refused("y\n0\ncat\n", "Expected a class number in row 3, column 1", CsvHeader::kFirstRow);
  CsvClasses classes;
  read("0,1\n1,2\n", classes);
  classes.close();
  CHECK_THROWS_WITH(read("cat,1\n", classes), ContainsSubstring("Expected a class number in row 1, column 1"));
}

TEST_CASE("a header in front of classes and numbers is not a class", "[table]") {
  refused("label,a\ncat,1\n",
          "Expected a class and numbers in row 1, column 1 of 'a.csv' (both count from 1), found 'label'; a file of "
          "this form has no header, so remove one");
  refused(",label,a\n0,cat,1\n", "has no header");
  CsvClasses numbers;
  read("0,1\n1,2\n", numbers);
  CHECK_THROWS_WITH(read("label,a\n1,2\n", numbers),
                    ContainsSubstring("found 'label'; a file of this form has no header"));
  refused("label,a,b\n1,2,3\n", "found 'label'; a file of this form has no header");
  refused("cat,red,1\ndog,blue,2\n", "row 1, column 2 of 'a.csv' (both count from 1), found 'red'");
  refused("cat,?\ndog,1\n", "row 1, column 2 of 'a.csv' (both count from 1), found '?'; fill in");
}

TEST_CASE("a field that cannot be a class name is refused with row and column", "[table]") {
  for (const char* mark : {"", "?", "NA", "nan", "None", "\"\""}) {
    refused("cat,1\n" + std::string(mark) + ",2\n", "Expected a class in row 2, column 1");
  }
  refused("cat,1\n" + std::string(257, 'x') + ",2\n", "of at most 256 bytes, in row 2, column 1");
  CsvClasses classes;
  CHECK(read("cat,1\n" + std::string(256, 'x') + ",2\n", classes).rows == 2);
  refused("cat,1\nd\xF6g,2\n", "as printable UTF-8 text in row 2, column 1");
  refused("cat,1\n\"d\no\",2\n", "found 1 in row 2");
  refused("cat,1\n\"dog,2\nbird,3\n", "Expected");
}

TEST_CASE("another separator is distinguished from a name that contains its character", "[table]") {
  refused("cat;1,5\ndog;2,5\n", "found the separator ';' (semicolon) in row 1");
  refused("cat\t1\t2\n", "found the separator TAB in row 1");
  refused("label;a;b\n0;1;2\n", "found the separator ';' (semicolon) in row 1");
  refused("cat,1,2\ndog|1|2\n", "found the separator '|' (vertical bar) in row 2");
  refused("id;label\n0;cat\n", "found the separator ';' (semicolon) in row 2", CsvHeader::kFirstRow);
  refused("1\n2\n", "Expected a class and at least one feature in row 1 of 'a.csv'");
  refused("cat\ndog\n", "Expected a class and at least one feature");
  CsvClasses classes;
  CHECK(read("Action|Comedy,1,2\na;b,3,4\nAction|Comedy,5,6\n", classes).rows == 3);
  CHECK(classes.names() == Names{"Action|Comedy", "a;b"});
}

TEST_CASE("each name is held once, up to a limit", "[table]") {
  CsvClasses classes;
  for (size_t i = 0; i < CsvClasses::kMostNames; ++i) REQUIRE(classes.number_of("n" + std::to_string(i)) == i);
  CHECK_FALSE(classes.number_of("one more"));
  CHECK(classes.number_of("n7") == 7);
  CHECK_THROWS_WITH(read("one more,1\n", classes), ContainsSubstring("Expected at most 100000 names of classes"));
}

TEST_CASE("A line feed within quotes ends a row of data, wherever the file is cut into pieces", "[table]") {
  const std::string text = "a,1\n\"\nb\",2\n";
  for (const size_t cut : {text.size(), text.find("\nb") + 1}) {
    CsvClasses classes;
    FloatTable table;
    smlt::codec::CsvRowReader reader(CsvHeader::kNone, "x.csv", table, &classes);
    const auto read = [&] {
      const size_t used = reader.take(std::string_view(text).substr(0, cut), cut == text.size());
      reader.take(std::string_view(text).substr(used), true);
    };
    CHECK_THROWS_AS(read(), smlt::UserError);
  }
}

// What fuzzing found: a second mark was taken for the first if no row was whole yet.
TEST_CASE("Only the mark at the front of a file is left out, wherever the file is cut into pieces", "[table]") {
  const std::string text =
      "\xEF\xBB\xBF\xEF\xBB\xBF"
      "1,2\n";
  for (const size_t cut : {size_t{2}, size_t{3}, size_t{6}, size_t{8}, text.size()}) {
    FloatTable table;
    CsvRowReader reader(CsvHeader::kNone, "x.csv", table);
    const auto read = [&] {
      const size_t used = reader.take(std::string_view(text).substr(0, cut), cut == text.size());
      reader.take(std::string_view(text).substr(used), true);
    };
    CHECK_THROWS_AS(read(), smlt::UserError);
  }
}
