#include "codec/table/csv.hpp"

#include <random>
#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/archive/made_gzip.hpp"
#include "tests/codec/array/made_decimal.hpp"
#include "tests/codec/table/parsed_csv.hpp"
#include "tests/temporary.hpp"

using smlt::UserError;
using smlt::codec::CsvHeader;
using smlt::codec::FloatTable;
using smlt::codec::read_csv;
using smlt::test::made_decimal;
using smlt::test::made_gzip;
using smlt::test::parsed_csv;
using smlt::test::TemporaryDirectory;
using Floats = std::vector<float>;

namespace {

void check(const FloatTable& table, int64_t rows, int64_t columns, const Floats& values) {
  CHECK(table.rows == rows);
  CHECK(table.columns == columns);
  CHECK(table.values == values);
}

}  // namespace

TEST_CASE("a CSV of numbers becomes a table", "[table]") {
  check(parsed_csv("1,2.5\n-3,1e2\n"), 2, 2, {1, 2.5, -3, 100});
  check(parsed_csv("1,2.5\n-3,1e2"), 2, 2, {1, 2.5, -3, 100});
  check(parsed_csv("1,2.5\r\n-3,1e2\r\n"), 2, 2, {1, 2.5, -3, 100});
  check(parsed_csv("1,2.5\r\n-3,7\r"), 2, 2, {1, 2.5, -3, 7});
  check(parsed_csv("\xEF\xBB\xBF\"1\", +2.5 \n\" -3\",\t.5\n"), 2, 2, {1, 2.5, -3, 0.5});
  check(parsed_csv("7\n8\n\n\r\n\n"), 2, 1, {7, 8});
  check(parsed_csv("5."), 1, 1, {5});
  check(parsed_csv(""), 0, 0, {});
  check(parsed_csv("\n\n"), 0, 0, {});
  check(parsed_csv("-0,1e-50,1e-320,1E+3"), 1, 4, {-0.0F, 0, 0, 1000});
}

TEST_CASE("True and False are 1 and 0, ignoring case, quoted or not", "[table]") {
  check(parsed_csv("True,False\ntrue,FALSE\nTRUE,\"false\"\n tRuE , faLse\r\n"), 4, 2, {1, 0, 1, 0, 1, 0, 1, 0});
  std::string text;
  Floats expected;
  for (int row = 0; row < 100; ++row) {
    text += row % 3 == 0 ? "1.5,True,-2\n" : "1.5,false,-2\r\n";
    expected.insert(expected.end(), {1.5, row % 3 == 0 ? 1.0F : 0.0F, -2});
  }
  check(parsed_csv(text), 100, 3, expected);
  for (const char* word : {"Truee", "yes", "T", "Tru", "alse"}) {
    CHECK_THROWS_WITH(parsed_csv(std::string("1,") + word), ContainsSubstring("Expected a number in row 1, column 2"));
  }
}

TEST_CASE("a mark for a missing value is distinguished from other text", "[table]") {
  for (const char* mark : {"?", "NA", "N/A", "nan", "NaN", "null", "NULL", "None", "<NA>", "#N/A"}) {
    CHECK_THROWS_WITH(parsed_csv(std::string("1,2\n3,") + mark + "\n"),
                      ContainsSubstring("row 2, column 2") && ContainsSubstring(mark) &&
                          ContainsSubstring("fill in what is missing, or leave the row out"));
  }
}

TEST_CASE("a separator other than a comma is named", "[table]") {
  const auto refused = [](const std::string& text, const char* separator, int row,
                          CsvHeader header = CsvHeader::kNone) {
    INFO(text);
    CHECK_THROWS_WITH(parsed_csv(text, header), ContainsSubstring(std::string("found the separator ") + separator) &&
                                                    ContainsSubstring("in row " + std::to_string(row) + ";") &&
                                                    ContainsSubstring("'a.csv'"));
  };
  for (const auto& [character, name] :
       {std::pair{";", "';' (semicolon)"}, {"\t", "TAB"}, {"|", "'|' (vertical bar)"}}) {
    const std::string s = character;
    refused("1" + s + "2.5\n", name, 1);
    refused("1" + s + "2.5" + s + "3\n2" + s + "3" + s + "4\n", name, 1);
    refused("a" + s + "b\n1" + s + "2\n", name, 2, CsvHeader::kFirstRow);
    refused("1" + s + s + "True\n", name, 1);
  }
  refused("0;1,5;2,5\n", "';' (semicolon)", 1);
  refused("\"0\";\"1,5\"\n", "';' (semicolon)", 1);
  refused("0\t1,5\n", "TAB", 1);
  refused("x;y;z\n1,5;2,5;-3,25\n", "';' (semicolon)", 2, CsvHeader::kFirstRow);
  refused("1,2,3\n4;5;6\n", "';' (semicolon)", 2);
  CHECK_THROWS_WITH(parsed_csv("1,2;x,3\n"), ContainsSubstring("row 1, column 2") && ContainsSubstring("'2;x'"));
  check(parsed_csv("1,\t2\n\"3\",4\t\n"), 2, 2, {1, 2, 3, 4});
}

TEST_CASE("UTF-16 and UTF-32 are named", "[table]") {
  const auto wide = [](std::string_view text, size_t size, bool is_big, const std::string& mark) {
    std::string out = mark;
    for (const char c : text) {
      const std::string zeros(size - 1, '\0');
      out += is_big ? zeros + c : c + zeros;
    }
    return out;
  };
  for (const auto& [size, name] : {std::pair{size_t{2}, "UTF-16"}, {size_t{4}, "UTF-32"}}) {
    for (const bool is_big : {false, true}) {
      for (const CsvHeader header : {CsvHeader::kNone, CsvHeader::kFirstRow}) {
        const std::string text = wide("0,1\n2,3\n", size, is_big, "");
        CHECK_THROWS_WITH(parsed_csv(text, header),
                          ContainsSubstring("Expected UTF-8 in 'a.csv', found " + std::string(name)));
      }
    }
  }
  CHECK_THROWS_WITH(parsed_csv(wide("0,1\n", 2, false, "\xFF\xFE")), ContainsSubstring("found UTF-16"));
  CHECK_THROWS_WITH(parsed_csv(wide("\xE9,1\n", 2, true, "\xFE\xFF")), ContainsSubstring("found UTF-16"));
}

TEST_CASE("a header is skipped, whatever it says", "[table]") {
  const auto with_header = [](std::string_view text) { return parsed_csv(text, CsvHeader::kFirstRow); };
  check(with_header("0,1\n2,3\n"), 1, 2, {2, 3});
  check(with_header("\xEF\xBB\xBF\"a, b\",\"c\n\"\"d\"\"\"\r\n2,3\r\n"), 1, 2, {2, 3});
  check(with_header("a,b\n"), 0, 2, {});
  check(with_header("a,b"), 0, 2, {});
  check(with_header(""), 0, 0, {});
}

TEST_CASE("anything but a table of numbers is refused with row and column as a spreadsheet counts them", "[table]") {
  const auto refused = [](std::string_view text, const char* phrase, CsvHeader header = CsvHeader::kNone) {
    CHECK_THROWS_AS(parsed_csv(text, header), UserError);
    CHECK_THROWS_WITH(parsed_csv(text, header), ContainsSubstring(phrase));
  };
  refused("1,2\n3,\n", "row 2, column 2 of 'a.csv' (both count from 1), found an empty field");
  refused("1,2\n,4\n", "row 2, column 1");
  refused("1,2\n3,", "row 2, column 2");
  refused("1,\"\"\n", "row 1, column 2 of 'a.csv' (both count from 1), found an empty field");
  refused("a,b\n1,\"\"\n", "row 2, column 2 of 'a.csv' (both count from 1, the header included)", CsvHeader::kFirstRow);
  refused("1,nan\n", "found 'nan'");
  refused("1,-inf\n", "found '-inf'");
  refused("1,2\n1,0x10\n", "found '0x10'; replace what is not a finite number");
  refused("age,sex\n1,2\n", "found 'age'; a file of this form has no header");
  refused("1,male\n1,2\n", "row 1, column 2 of 'a.csv' (both count from 1), found 'male'; replace what is");
  refused("1,1e39\n", "found '1e39'; float32 ends at 3.4e38");
  refused("1,1e400\n", "found '1e400'");
  refused("1,2,3\n1,2\n", "Expected 3 columns, as in the rows before, found 2 in row 2 of 'a.csv'");
  refused("1,2\n1,2,3\n", "Expected 2 columns, as in the rows before, found 3 in row 2");
  refused("a\n1,2\n", "Expected 1 columns, as in the rows before, found 2 in row 2", CsvHeader::kFirstRow);
  refused("1\n\n2\n", "Expected numbers in row 2 of 'a.csv' (rows count from 1), found an empty line");
  refused("1,\"2\n3,4\n", "row 1, column 2");
  refused("1,\"2\"3\n", "found '\"2\"3'");
  refused("1,++2\n", "found '++2'");
  refused("1,+-2\n", "found '+-2'");
  refused("1 2,3\n", "found '1 2'");
  refused(std::string_view("1,2\n3,4\n5,6\n7,8\n9,\0\n", 20), "row 5, column 2");
}

TEST_CASE("files are read plain or gzip, one after the other, in pieces that cut rows anywhere", "[table]") {
  const TemporaryDirectory folder;
  std::string text;
  Floats expected;
  for (int row = 0; row < 150'000; ++row) {  // more than two pieces
    for (int column = 0; column < 3; ++column) {
      expected.push_back(static_cast<float>(row % 1000) + static_cast<float>(column) / 8);
      text += made_decimal(static_cast<uint64_t>(row % 1000 * 1000 + column * 125), 3) + (column < 2 ? "," : "\n");
    }
  }
  FloatTable table;
  read_csv(folder.write("a.csv", text), CsvHeader::kNone, table);
  read_csv(folder.write("b.csv", "x,y,z\n" + text), CsvHeader::kFirstRow, table);
  read_csv(folder.write("c.csv", made_gzip(text)), CsvHeader::kNone, table);
  CHECK(table.rows == 450'000);
  Floats thrice = expected;
  for (int i = 0; i < 2; ++i) thrice.insert(thrice.end(), expected.begin(), expected.end());
  CHECK(table.values == thrice);
  CHECK_THROWS_WITH(read_csv(folder.write("d.csv", "1,2\n"), CsvHeader::kNone, table),
                    ContainsSubstring("Expected 3 columns") && ContainsSubstring("d.csv"));
  const std::string zipped = made_gzip(text);
  CHECK_THROWS_WITH(read_csv(folder.write("e.csv", zipped.substr(0, zipped.size() / 2)), CsvHeader::kNone, table),
                    ContainsSubstring("cut off or damaged"));
}

TEST_CASE("a row may be longer than a piece, up to a limit", "[table]") {
  const TemporaryDirectory folder;
  std::string wide = "1";
  for (int i = 1; i < 800'000; ++i) wide += ",12";
  FloatTable table;
  read_csv(folder.write("wide.csv", wide + "\n" + wide + "\n"), CsvHeader::kNone, table);
  CHECK(table.rows == 2);
  CHECK(table.columns == 800'000);
  CHECK_THROWS_WITH(read_csv(folder.write("endless.csv", std::string(65 << 20, '1')), CsvHeader::kNone, table),
                    ContainsSubstring("rows of at most 64 MiB"));
}

TEST_CASE("a row in a long text is read as it is by itself", "[table]") {
  std::mt19937_64 bits(4);
  for (const char* special :
       {"\"1\"", " 2.5 ", "+7", "1e-05", "-0", "123456789012345678", "0.10000000149011612", "\t3", "-.5"}) {
    for (const char* line_end : {"\n", "\r\n"}) {
      std::string text;
      std::vector<float> expected;
      for (int row = 0; row < 100; ++row) {
        const std::string sign = bits() % 2 == 0 ? "-" : "";
        const std::string alone = made_decimal(bits() % 100'000, bits() % 4) + "," + sign +
                                  made_decimal(bits() % 10'000'000, bits() % 8) + "," + (row % 7 == 3 ? special : "1");
        const FloatTable table = parsed_csv(alone);
        expected.insert(expected.end(), table.values.begin(), table.values.end());
        text += alone + line_end;
      }
      CAPTURE(special, line_end);
      check(parsed_csv(text), 100, 3, expected);
      check(parsed_csv(text + "\n\r\n"), 100, 3, expected);
    }
  }
}

TEST_CASE("a bad row far down is named", "[table]") {
  std::string text;
  for (int row = 0; row < 50; ++row) text += "1,2.5,-3\n";
  const std::string more = text;
  CHECK_THROWS_WITH(parsed_csv(text + "1,x,3\n" + more), ContainsSubstring("row 51, column 2"));
  CHECK_THROWS_WITH(parsed_csv(text + "1,2\n" + more), ContainsSubstring("found 2 in row 51"));
  CHECK_THROWS_WITH(parsed_csv(text + "1,2,3,4\n" + more), ContainsSubstring("found 4 in row 51"));
  CHECK_THROWS_WITH(parsed_csv(text + "\n" + more), ContainsSubstring("row 51"));
  CHECK_THROWS_WITH(parsed_csv(text + "1,,3\n" + more), ContainsSubstring("an empty field"));
  CHECK_THROWS_WITH(parsed_csv(text + "1,\"2,3\",3\n" + more), ContainsSubstring("row 51, column 2"));
}

TEST_CASE("the names of a header are read without their quotes and blanks", "[table]") {
  const TemporaryDirectory folder;
  using Names = std::vector<std::string>;
  const auto names = [&](const std::string& text, CsvHeader header = CsvHeader::kFirstRow) {
    Names seen;
    FloatTable table;
    read_csv(folder.write("a.csv", text), header, table, nullptr, [&](Names row) { seen = std::move(row); });
    return seen;
  };
  CHECK(names("\xEF\xBB\xBF\"a, b\", c\r\n1,2\n") == Names{"a, b", "c"});
  CHECK(names(made_gzip("a")) == Names{"a"});
  const std::string wide(3'000'000, 'b');
  CHECK(names("a," + wide + ",c\n1,2,3\n") == Names{"a", wide, "c"});
  CHECK(names("1,\" 2\"\n3,4\n", CsvHeader::kNone) == Names{"1", "2"});
}

TEST_CASE("the tutorial's files have a header, others have none", "[table]") {
  CHECK(smlt::codec::csv_header_by_name("/a/X_train.csv.gz") == CsvHeader::kFirstRow);
  CHECK(smlt::codec::csv_header_by_name("y_test.csv") == CsvHeader::kFirstRow);
  CHECK(smlt::codec::csv_header_by_name("/X_a/train.csv") == CsvHeader::kNone);
}
