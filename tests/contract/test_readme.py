"""The README's tables say what the program says."""
import json
import os
import pathlib
import re
import unittest

from platform_tree import Contract, Job


class Readme(Contract):
    def test_the_table_of_each_model_lists_its_hyperparameters_with_their_defaults(self):
        text = pathlib.Path(os.environ["SMLT_README"]).read_text()

        def rows_of(heading):
            self.assertIn(f"### {heading}\n", text)
            section = text.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
            return {name: default.strip("` ") for name, default in re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", section, re.MULTILINE)}

        for model, specification in json.loads(Job(self).run("--json", command=("describe",)).out).items():
            knobs = {knob["Name"]: knob["DefaultValue"] for knob in specification["SupportedHyperParameters"]}
            # A model may have another default, or another name, for a common hyperparameter.
            common = {name: value for name, value in rows_of("Hyperparameters of every model").items() if name in knobs}
            rows = {**common, **rows_of(model)}
            self.assertEqual(rows, knobs)

    def test_the_first_two_commands_are_the_demo_and_the_tests(self):
        text = pathlib.Path(os.environ["SMLT_README"]).read_text()
        commands = re.findall(r"^(scripts/\S+)", text, re.MULTILINE)
        self.assertEqual(commands[:2], ["scripts/demo", "scripts/test"])


if __name__ == "__main__":
    unittest.main()
