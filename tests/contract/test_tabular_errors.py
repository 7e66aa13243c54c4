"""Tables that the job of the tutorial on synthetic data refuses, each with a sentence that names the place."""
import gzip
import unittest

from platform_tree import Contract, Job
from tutorial_table import TUTORIAL, labelled


class BadTables(Contract):
    def refused(self, change, *phrases):
        job = Job(self, TUTORIAL).add_table()
        change(job.channel())
        self.assert_refused(job.run(), *phrases)

    def change_line(self, name, number, change):
        def apply(channel):
            lines = (channel / name).read_text().splitlines()
            lines[number - 1] = change(lines[number - 1])
            (channel / name).write_text("\n".join(lines))
        return apply

    def test_a_missing_value(self):
        self.refused(self.change_line("X_train.csv", 17, lambda line: "," + line.split(",", 1)[1]),
                     "row 17, column 1 of", "X_train.csv", "the header included", "found an empty field")

    def test_text_and_what_is_no_number(self):
        for text in ("red", "nan", "inf", "1e99"):
            self.refused(self.change_line("X_validation.csv", 161, lambda line: line.rsplit(",", 1)[0] + "," + text),
                         "row 161, column 15 of", "X_validation.csv", f"found '{text}'")

    def test_a_ragged_row(self):
        self.refused(self.change_line("X_train.csv", 9, lambda line: line + ",1"), "Expected 15 columns", "found 16 in row 9")

    def test_an_empty_line(self):
        self.refused(self.change_line("y_train.csv", 5, lambda line: ""), "row 5 of", "y_train.csv", "found an empty line")

    def test_labels_that_are_no_classes(self):
        self.refused(self.change_line("y_train.csv", 5, lambda line: "1.5"), "class number", "row 5 of", "found 1.5")
        self.refused(self.change_line("y_validation.csv", 5, lambda line: "3"), "labels from 0 to 2", "found 3 at index 3")

    def test_a_half_that_is_missing(self):
        self.refused(lambda channel: (channel / "y_train.csv").unlink(), "Expected y_train.csv beside X_train.csv", "'training'")
        self.refused(lambda channel: (channel / "X_validation.csv").unlink(), "Expected X_validation.csv beside y_validation.csv")

    def test_files_of_different_length(self):
        self.refused(self.change_line("y_train.csv", 5, lambda line: "1\n1"), "a label for each row", "640 rows in", "641 labels in")

    def test_a_gzip_cut_in_the_middle(self):
        def cut(channel):
            data = gzip.compress((channel / "X_train.csv").read_bytes())
            (channel / "X_train.csv").unlink()
            (channel / "X_train.csv.gz").write_bytes(data[: len(data) // 2])
        self.refused(cut, "X_train.csv.gz", "cut off or damaged")

    def test_a_damaged_table_alone(self):
        job = Job(self, TUTORIAL)
        (job.channel() / "table.csv.gz").write_bytes(gzip.compress(b"0,1.5,2\n" * 9)[:-12])
        self.assert_refused(job.run(), "table.csv.gz", "cut off or damaged")

    def test_a_header_before_a_table(self):
        job = Job(self, TUTORIAL)
        (job.channel() / "train.csv").write_text("label,a\n1,2\n0,3\n")
        self.assert_refused(job.run(), "row 1, column 1 of", "train.csv", "found 'label'", "has no header")

    def test_text_alone_is_no_table(self):
        job = Job(self, TUTORIAL)
        (job.channel() / "names.csv").write_text("a,b\nc,d\n")
        self.assert_refused(job.run(), "'names.csv'", "X_train.csv and y_train.csv")

    def one_sentence(self, files, *phrases, models=("auto", "tabular"), channel="training"):
        """The error of a job whose channel holds these files, beside good training files if it is another channel."""
        for model in models:
            job = Job(self, {**TUTORIAL, "model": model}, channels=tuple({"training", channel}))
            (job.channel() / "part-0.csv").write_text("\n".join(labelled("train"))) if channel != "training" else None
            for name, content in files.items():
                (job.channel(channel) / name).parent.mkdir(exist_ok=True)
                (job.channel(channel) / name).write_bytes(content.encode() if isinstance(content, str) else content)
            self.assert_refused(job.run(), *phrases)

    def test_a_part_that_begins_badly(self):
        good = "\n".join(labelled("train"))
        width = labelled("train")[0].count(",")
        for word, phrase in (("?", "found '?'"), ("NA", "found 'NA'"), ("", "found an empty field"), ("red", "found 'red'")):
            part = f"1,{word}{',1' * (width - 1)}\n" * 3
            self.one_sentence({"part-0.csv": good, "part-1.csv": part}, "row 1, column 2 of", "part-1.csv", phrase, models=("auto",))
            self.one_sentence({"part-1.csv": part}, "row 1, column 2 of", "part-1.csv", phrase, models=("tabular",))
            self.one_sentence({"part-1.csv": part}, "row 1, column 2 of", "part-1.csv", phrase, models=("auto",), channel="validation")

    def test_other_separators(self):
        for character, name in ((";", "';' (semicolon)"), ("\t", "TAB"), ("|", "'|' (vertical bar)")):
            rows = [row.replace(",", character) for row in labelled("train")]
            self.one_sentence({"a.csv": "\n".join(rows)}, "a.csv", f"found the separator {name} in row 1")
        rows = [row.replace(",", ";").replace(".", ",") for row in labelled("train")]
        self.one_sentence({"a.csv": "\n".join(rows)}, "a.csv", "found the separator ';' (semicolon) in row 1", "decimal points")
        self.one_sentence({"a.csv": "\n".join("red" + row[1:] for row in rows)}, "a.csv", "found the separator ';' (semicolon)")
        self.one_sentence({"a.csv": "\n".join(labelled("train")), "b.csv": "\n".join(rows)}, "b.csv", "';' (semicolon) in row 1")
        self.one_sentence({"X_train.csv": "a;b\n1;2\n", "y_train.csv": "y\n1\n"}, "X_train.csv", "';' (semicolon) in row 2")
        self.one_sentence({"X_train.csv": "a,b\n1,2\n", "y_train.csv": "id;y\n0;cat\n"}, "y_train.csv", "';' (semicolon)")

    def test_utf_16_and_32(self):
        for encoding, name in (("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32"), ("utf-32-le", "UTF-32")):
            content = "\n".join(labelled("train")).encode(encoding)
            self.one_sentence({"a.csv": content}, "a.csv", "Expected UTF-8 in", f"found {name}")
        self.one_sentence({"X_train.csv": "a\n1\n".encode("utf-16"), "y_train.csv": "y\n1\n"}, "X_train.csv", "found UTF-16")

    def test_tables_in_another_form(self):
        self.one_sentence({"train.parquet": b"PAR1" + bytes(64)}, "'train.parquet'", "write it as CSV")
        self.one_sentence({"train.csv.bz2": b"BZh91AY"}, "'train.csv.bz2'", "unpack it")
        self.one_sentence({"part-0.csv": "\n".join(labelled("train")), "part-1.csv.zst": b"\x28\xb5\x2f\xfd"}, "'part-1.csv.zst'")
        self.one_sentence({"a/part-0.csv": "0,1\n1,2\n"}, "'a/part-0.csv' in a folder", models=("tabular",))

    def test_class_names_that_do_not_fit(self):
        good = "cat,1,2\ndog,3,4\ncat,5,6\n"
        self.one_sentence({"a.csv": good, "b.csv": "1,2,3\n"}, "row 1, column 1 of", "b.csv", "found the number '1'")
        self.one_sentence({"a.csv": "1,2,3\n", "b.csv": good}, "row 1, column 1 of", "b.csv", "found 'cat'")
        self.one_sentence({"a.csv": good + "?,1,2\n"}, "row 4, column 1 of", "found '?'")
        self.one_sentence({"a.csv": "kind,a,b\n" + good}, "row 1, column 1 of", "found 'kind'", "has no header")
        self.one_sentence({"v.csv": good}, "v.csv", "row 1, column 1", "found 'cat'", channel="validation")

    def test_images_and_a_table(self):
        job = Job(self, {}).add_digits().add_table()
        self.assert_refused(job.run(), "mnist (", "tabular (X_train.csv)", "set the hyperparameter model")

    def test_a_batch_size_that_is_not_whole(self):
        self.assert_refused(Job(self, {"batch-size": "32.5"}).add_table().run(), "batch-size", "'32.5'")


if __name__ == "__main__":
    unittest.main()
