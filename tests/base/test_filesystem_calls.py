"""Outside src/base nothing calls a function of std::filesystem that throws: its exception would end a job as "a bug in this program".

Such a function takes a std::error_code (or one of base/folder.hpp is called instead), a directory iterator is made with one and goes on by
increment(error).
"""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Functions that ask the system; the rest of std::filesystem works on paths as text.
FUNCTIONS = """absolute canonical copy copy_file copy_symlink create_directories create_directory create_directory_symlink
    create_hard_link create_symlink current_path equivalent exists file_size hard_link_count is_block_file is_character_file is_directory
    is_empty is_fifo is_other is_regular_file is_socket is_symlink last_write_time permissions proximate read_symlink relative remove
    remove_all rename resize_file space status symlink_status temp_directory_path weakly_canonical""".split()
# Members of directory_entry, without those that other classes have too.
MEMBERS = """file_size hard_link_count is_block_file is_character_file is_directory is_fifo is_regular_file is_socket is_symlink
    last_write_time refresh symlink_status""".split()

FILESYSTEM = r"(?:std::filesystem|\bfs)::"
CALL = re.compile(FILESYSTEM + rf"(?P<name>{'|'.join(FUNCTIONS)})\s*\(")
MEMBER = re.compile(rf"(?:\.|->)(?P<name>{'|'.join(MEMBERS)})\s*\(")
ITERATOR = re.compile(FILESYSTEM + r"(?P<name>(?:recursive_)?directory_iterator)\b(?:\s+(?P<variable>\w+))?\s*(?P<open>[({]?)")
ENTRY = re.compile(FILESYSTEM + r"(?P<name>directory_entry)\b(?:\s+\w+)?\s*[({]")
IMPORT = re.compile(r"using\s+(?:namespace\s+std::filesystem\b|" + FILESYSTEM + ")")


def without_comments(text):
    """The same lines, with comments and the content of string literals blanked."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def arguments(text, start):
    """The text between the bracket at `start` and its closing bracket."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start + 1:at]
    return text[start + 1:]


def throwing_calls(text):
    """The names of throwing functions in a C++ source, each with its line."""
    text = without_comments(text)
    codes = re.findall(r"std::error_code\s*&?\s*(\w+)", text)
    is_told = re.compile(rf"\b(?:{'|'.join(codes)})\b" if codes else r"(?!)")
    found = []

    def check(match, given):
        if not is_told.search(given):
            found.append((text.count("\n", 0, match.start()) + 1, match["name"] if "name" in match.re.groupindex else match.group()))

    for match in CALL.finditer(text):
        check(match, arguments(text, match.end() - 1))
    for match in ENTRY.finditer(text):
        check(match, arguments(text, match.end() - 1))
    for match in ITERATOR.finditer(text):
        ending = re.match(r"\(\)|\{\}", text[match.start("open"):])  # the end of every folder
        is_end = ending or (match["variable"] and not match["open"])
        if not is_end:
            check(match, arguments(text, match.end() - 1) if match["open"] else "")
        steps = rf"\+\+\s*{match['variable']}\b|\b{match['variable']}\s*\+\+" if match["variable"] else r"(?!)"
        for step in re.finditer(steps, text):
            check(step, "")
    if re.search("directory_(iterator|entry)", text):
        for match in MEMBER.finditer(text):
            check(match, arguments(text, match.end() - 1))
    for match in IMPORT.finditer(text):
        check(match, "")
    return sorted(found)


class FilesystemCalls(unittest.TestCase):
    def test_no_source_calls_one_that_throws(self):
        sources = [path for top in ("src", "models") for path in sorted((ROOT / top).rglob("*")) if path.suffix in (".cpp", ".hpp", ".inc")]
        self.assertGreater(len(sources), 100, "the test looks in the wrong place")
        for path in sources:
            if not path.is_relative_to(ROOT / "src" / "base"):
                with self.subTest(path.relative_to(ROOT)):
                    self.assertEqual(throwing_calls(path.read_text()), [], "take a std::error_code, or what base/folder.hpp has")

    def test_what_throws_is_found(self):
        for source, name in {
            "if (fs::exists(path)) return;": "exists",
            "std::filesystem::create_directories(path / \"(\");": "create_directories",
            "std::error_code error;\nfs::remove(path);": "remove",
            "std::error_code error;\nfs::file_size(path, error) + fs::file_size(\n    path);": "file_size",
            "for (const auto& entry : fs::directory_iterator(path)) use(entry);": "directory_iterator",
            "for (fs::recursive_directory_iterator it(path), end; it != end; it.increment(error)) {}": "recursive_directory_iterator",
            "std::error_code error;\nfs::directory_iterator it(path, error); ++it;": "++it",
            "std::error_code error;\nfor (fs::directory_iterator it(path, error), end; it != end; it.increment(error)) it->is_directory();":
                "is_directory",
            "auto entry = fs::directory_entry(path);": "directory_entry",
            "using std::filesystem::exists;": "using std::filesystem::",
            "// std::error_code error\nfs::status(path, error);": "status",
        }.items():
            with self.subTest(source):
                self.assertEqual([found for _, found in throwing_calls(source)], [name])

    def test_what_does_not_throw_is_left_alone(self):
        for source in ("namespace fs = std::filesystem;\nconst fs::path file = fs::path(text).filename();",
                       "std::error_code error;\nif (fs::exists(path, error)) return;",
                       "// fs::exists(path)\nconst char* text = \"fs::exists(path)\";",
                       "std::error_code gone;\nfor (fs::directory_iterator it(path, gone), end; !gone && it != end; it.increment(gone)) {}",
                       "if (it == fs::directory_iterator()) return;", "std::filesystem::path f(std::filesystem::path);",
                       "response.status(200); is_file(path);"):
            with self.subTest(source):
                self.assertEqual(throwing_calls(source), [])


if __name__ == "__main__":
    unittest.main()
