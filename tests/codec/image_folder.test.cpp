#include "codec/image_folder.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/catch.hpp"
#include "tests/codec/made_cifar.hpp"
#include "tests/codec/made_gzip.hpp"
#include "tests/codec/made_png.hpp"
#include "tests/temporary.hpp"

using namespace smlt::codec;
using smlt::UserError;
using smlt::test::made_gzip;
using smlt::test::made_tar;
using smlt::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const std::string kPng = smlt::test::made_png({1, 1, 8, 0, {7}});

std::vector<std::string> names(const ImageFiles& found, const fs::path& root) {
  std::vector<std::string> out;
  for (const ImageFiles::File& file : found.files) {
    out.push_back(std::to_string(file.target) + " " + file.path.lexically_relative(root).string());
  }
  return out;
}

void write_tree(const TemporaryDirectory& directory, const std::string& place) {
  directory.write(place + "classes.txt", "2 013.Bobolink\r\n1 001.Black_footed_Albatross\n\n");
  directory.write(place + "images.txt",
                  "1 001.Black_footed_Albatross/b.jpg\n3 013.Bobolink/c d.jpg\n2 001.Black_footed_Albatross/a.jpg\n");
  directory.write(place + "image_class_labels.txt", "1 1\n2 1\n3 2\n");
  fs::create_directories(directory.path() / place / "images");
}

// The members of an archive of the same tree, some of which are of no use here.
std::vector<std::pair<std::string, std::string>> made_cub(const std::string& place) {
  return {{place + "README", "words"},
          {place + "classes.txt", "2 013.Bobolink\r\n1 001.Black_footed_Albatross\n\n"},
          {place + "parts/parts.txt", "1 back"},
          {place + "images/001.Black_footed_Albatross/a.jpg", "bytes of a.jpg"},
          {place + "images.txt",
           "1 001.Black_footed_Albatross/b.jpg\n3 013.Bobolink/c d.jpg\n2 001.Black_footed_Albatross/a.jpg\n"},
          {place + "images/001.Black_footed_Albatross/b.jpg", "bytes of b.jpg"},
          {place + "images/001.Black_footed_Albatross/not listed.jpg", "x"},
          {place + "image_class_labels.txt", "1 1\n2 1\n3 2\n"},
          {place + "images/013.Bobolink/c d.jpg", "bytes of c d.jpg"}};
}

}  // namespace

TEST_CASE("classes are the sorted names of the folders with images", "[codec]") {
  const TemporaryDirectory directory;
  for (const char* file : {"b b/2.png", "b b/deep/1.PNG", "\xC3\xA4/x.jpg", "a/no-ending", ".hidden/x.png",
                           "a/.hidden.png", "__MACOSX/x.png", "top.png"}) {
    directory.write(file, kPng);
  }
  directory.write("a/broken.jpeg", "not an image");
  directory.write("a/Thumbs.db", "something else");
  directory.write("notes/readme.txt", "nothing to see");
  const ImageFiles found = find_class_folders(directory.path());
  CHECK(found.classes == std::vector<std::string>{"a", "b b", "\xC3\xA4"});
  CHECK(names(found, directory.path()) == std::vector<std::string>{"0 a/broken.jpeg", "0 a/no-ending", "1 b b/2.png",
                                                                   "1 b b/deep/1.PNG", "2 \xC3\xA4/x.jpg"});
  CHECK(has_class_folders(directory.path()));
}

TEST_CASE("a folder without class folders is none", "[codec]") {
  const TemporaryDirectory directory;
  CHECK_FALSE(has_class_folders(directory.path()));
  CHECK_FALSE(has_class_folders(directory.path() / "absent"));
  directory.write("top.png", kPng);
  directory.write("raw/data.bin", "bytes");
  CHECK_FALSE(has_class_folders(directory.path()));
  CHECK(find_class_folders(directory.path()).files.empty());
}

TEST_CASE("links that lead up end somewhere", "[codec]") {
  const TemporaryDirectory directory;
  directory.write("a/x.png", kPng);
  fs::create_directory_symlink(directory.path() / "a", directory.path() / "a/again");
  fs::create_symlink(directory.path() / "absent", directory.path() / "a/broken.png");
  CHECK(find_class_folders(directory.path()).classes.size() == 1);
}

TEST_CASE("a CUB tree is read by its text files", "[codec]") {
  const TemporaryDirectory directory;
  const std::string place = GENERATE("", "CUB_200_2011/");
  CHECK_FALSE(find_cub_tree(directory.path()));
  write_tree(directory, place);
  const auto tree = find_cub_tree(directory.path());
  REQUIRE(tree);
  const ImageFiles found = read_cub_tree(*tree);
  CHECK(found.classes == std::vector<std::string>{"013.Bobolink", "001.Black_footed_Albatross"});
  CHECK(names(found, *tree / "images") == std::vector<std::string>{"0 013.Bobolink/c d.jpg",
                                                                   "1 001.Black_footed_Albatross/a.jpg",
                                                                   "1 001.Black_footed_Albatross/b.jpg"});
}

TEST_CASE("a CUB tree's text files may start with a byte-order mark", "[codec]") {
  const TemporaryDirectory directory;
  write_tree(directory, "");
  for (const char* name : {"classes.txt", "image_class_labels.txt", "images.txt"}) {
    const std::string text = smlt::read_file(directory.path() / name, 1000);
    directory.write(name, "\xEF\xBB\xBF" + text);
  }
  CHECK(read_cub_tree(directory.path()).classes[0] == "013.Bobolink");
  CHECK(read_cub_tree(directory.path()).files.size() == 3);
  for (const char* name : {"classes.txt", "image_class_labels.txt", "images.txt"}) {
    const std::string text = smlt::read_file(directory.path() / name, 1000);
    directory.write(name, std::string_view("\xFF\xFE"
                                           "1\0 \0",
                                           6));
    CHECK_THROWS_WITH(read_cub_tree(directory.path()), ContainsSubstring(name) && ContainsSubstring("found UTF-16"));
    directory.write(name, text);
  }
}

TEST_CASE("a CUB tree whose files do not fit together is refused with the line", "[codec]") {
  const TemporaryDirectory directory;
  write_tree(directory, "");
  const fs::path tree = directory.path();
  directory.write("classes.txt", "1 a\nzwei b\n");
  CHECK_THROWS_WITH(read_cub_tree(tree), ContainsSubstring("in line 2 of") && ContainsSubstring("found 'zwei b'"));
  directory.write("classes.txt", "1 a\n2 b\n");
  directory.write("image_class_labels.txt", "1 1\n2 7\n3 1\n");
  CHECK_THROWS_WITH(read_cub_tree(tree), ContainsSubstring("for image 2") && ContainsSubstring("found '7'"));
  directory.write("image_class_labels.txt", "1 1\n2 1\n");
  CHECK_THROWS_WITH(read_cub_tree(tree), ContainsSubstring("for image 3"));
  directory.write("image_class_labels.txt", "1 1\n2 1\n3 1\n");
  for (const char* path : {"/etc/passwd", "../../secret.jpg"}) {
    directory.write("images.txt", "1 " + std::string(path));
    CHECK_THROWS_AS(read_cub_tree(tree), UserError);
  }
}

TEST_CASE("a CUB archive is read in one pass, as its tree is", "[codec]") {
  const TemporaryDirectory directory;
  const std::string place = GENERATE("", "CUB_200_2011/", "./CUB_200_2011/");
  const bool is_named = GENERATE(false, true);
  CHECK_FALSE(find_cub_archive(directory.path()));
  std::vector<std::pair<std::string, std::string>> files = made_cub(place);
  const fs::path path = directory.write(is_named ? "CUB_200_2011.tgz" : "birds.tar.gz", made_gzip(made_tar(files)));
  directory.write("other.tgz", made_gzip(made_tar({{"images/a.jpg", "a"}})));
  REQUIRE(find_cub_archive(directory.path()) == path);
  const ImageFiles found = read_cub_archive(path, 1 << 20);
  CHECK(found.classes == std::vector<std::string>{"013.Bobolink", "001.Black_footed_Albatross"});
  CHECK(names(found, path / "images") == std::vector<std::string>{"0 013.Bobolink/c d.jpg",
                                                                  "1 001.Black_footed_Albatross/a.jpg",
                                                                  "1 001.Black_footed_Albatross/b.jpg"});
  for (const ImageFiles::File& file : found.files) {
    REQUIRE(file.bytes);
    CHECK(std::string(file.bytes->begin(), file.bytes->end()) == "bytes of " + file.path.filename().string());
  }
}

TEST_CASE("a CUB archive that lacks an image, is damaged or too large is refused", "[codec]") {
  const TemporaryDirectory directory;
  const auto reads = [&](const std::string& bytes, uint64_t most = 1 << 20) {
    return read_cub_archive(directory.write("CUB_200_2011.tgz", bytes), most);
  };
  std::vector<std::pair<std::string, std::string>> files = made_cub("CUB_200_2011/");
  const std::string whole = made_gzip(made_tar(files));
  CHECK_THROWS_WITH(reads(whole.substr(0, whole.size() / 2)),
                    ContainsSubstring("CUB_200_2011.tgz' is cut off or damaged"));
  CHECK_THROWS_WITH(reads(whole, 100), ContainsSubstring("unpack it"));
  files.pop_back();
  CHECK_THROWS_WITH(reads(made_gzip(made_tar(files))), ContainsSubstring("found no 'images/013.Bobolink/c d.jpg'"));
  CHECK_THROWS_WITH(reads(made_gzip(made_tar({{"readme", "x"}}))), ContainsSubstring("found no images.txt"));
}
