"""Hyperparameters, environment and command line, as SageMaker and its users spell them (platform 3 to 5)."""
import json
import os
import unittest

from platform_tree import Contract, Job


class Configuration(Contract):
    def trained_settings(self, hyperparameters=None, *arguments, environment=None):
        job = Job(self, hyperparameters).add_digits()
        result = self.assert_trained(job.run(*arguments, environment=environment))
        return job.manifest()["hyperparameters"], result

    def test_all_encodings_of_a_value_give_the_same_run(self):
        spellings = [
            {"epochs": "1", "lr": "0.1", "batch-size": "50"},
            {"epochs": "1.0", "lr": "1e-1", "batch-size": '"50"'},
            {"epochs": '"1"', "lr": '"0.1"', "batch_size": "5e1"},
            {"EPOCHS": " 1 ", "lr": '"\\"0.1\\""', "BATCH_SIZE": '"\\"50\\""'},
            {"epochs": "+1", "lr": ".1", "batch-size": "050", "momentum": "None", "seed": "null"},
        ]
        runs = []
        for spelling in spellings:
            job = Job(self, spelling).add_digits()
            self.assert_trained(job.run())
            runs.append((job.manifest()["hyperparameters"], (job.base / "model/model.safetensors").read_bytes()))
        for run in runs[1:]:
            self.assertEqual(run, runs[0])

    def test_the_command_line_wins_over_the_file_over_the_environment(self):
        settings, result = self.trained_settings(
            {"epochs": "1", "lr": "0.02"}, "--lr", "0.03", "--batch_size=40",
            environment={"SM_HP_LR": "0.04", "SM_HP_MOMENTUM": "0.3", "SM_HPS": '{"momentum": 0.2, "seed": 9}'})
        self.assertEqual((settings["lr"], settings["batch-size"], settings["momentum"], settings["seed"]), (0.03, 40, 0.3, 9))
        self.assertIn("lr = 0.03 (command line)", result.out)
        self.assertIn("momentum = 0.3 (SM_HP_MOMENTUM)", result.out)
        self.assertIn("test-batch-size = 1000 (default)", result.out)

    def test_absent_and_empty_files_mean_defaults(self):
        for text in (None, "", "{}"):
            job = Job(self, text).add_digits()
            result = job.run("--dry-run")
            self.assertEqual(result.code, 0, result.err)
            self.assertIn("epochs = 10 (default)", result.out)

    def test_files_as_windows_writes_them(self):
        mark = b"\xef\xbb\xbf"
        files = {"hyperparameters.json": {"epochs": "1", "lr": "0.25"},
                 "inputdataconfig.json": {"training": {"TrainingInputMode": "File"}},
                 "resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"]},
                 "metric-definition-regex.json": [{"Name": "bad", "Regex": "nothing prints this"}]}
        for marked in (mark, b""):
            job = Job(self).add_digits()
            for name, value in files.items():
                text = json.dumps(value, indent=2).replace("\n", "\r\n") + "\r\n"
                (job.base / "input/config" / name).write_bytes(marked + text.encode())
            result = job.run("--dry-run")
            self.assertEqual(result.code, 0, result.err)
            self.assertIn("lr = 0.25 (hyperparameters.json)", result.out)
            self.assertIn("'bad' will stay empty", result.err)

    def test_utf_16_is_named(self):
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"):
            for name, value in (("hyperparameters.json", {"epochs": "1"}), ("inputdataconfig.json", {"training": {}}),
                                ("resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"]})):
                with self.subTest(encoding, name=name):
                    job = Job(self).add_digits()
                    (job.base / "input/config" / name).write_bytes(json.dumps(value).encode(encoding))
                    self.assert_refused(job.run(), "Expected UTF-8", name, f"found {encoding[:6].upper()}; save it as UTF-8.")
        job = Job(self).add_digits()
        (job.base / "input/config/metric-definition-regex.json").write_bytes("[]".encode("utf-16"))
        result = job.run("--dry-run")
        self.assertEqual(result.code, 0, result.err)  # nothing depends on them
        self.assertRegex(result.err, "Warning: .*metric-definition-regex.json', found UTF-16")

    def test_a_model_json_as_notepad_saves_it_loads(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assert_trained(job.run())
        manifest = job.base / "model/model.json"
        text = manifest.read_text()
        image = str(job.channel() / "t10k-images-idx3-ubyte") + "#0"
        plain = job.run(image, command=("predict",))
        manifest.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        self.assertEqual(job.run(image, command=("predict",)).out, plain.out)
        self.assertEqual(plain.code, 0)
        manifest.write_bytes(text.encode("utf-16"))
        result = job.run(image, command=("predict",))
        self.assertEqual(result.code, 1)
        self.assertIn("model.json', found UTF-16", result.last_error)

    def test_bytes_that_are_not_utf_8_leave_valid_files(self):
        variables = {b"SM_HP_EXCLUDE": b"caf\xe9.jpg,b.jpg", b"TRAINING_JOB_NAME": b"job-\xff"}
        variables = {os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()}
        job = Job(self, {"initial_epochs": "1", "backbone": "squeezenet1_1"}, ("train", "validation")).add_photographs()
        (job.base / "checkpoints").mkdir()
        result = self.assert_trained(job.run(environment=variables))
        self.assertEqual(job.manifest()["hyperparameters"]["exclude"], ["caf\ufffd.jpg", "b.jpg"])
        for path in ("model/model.json", "output/data/metrics.jsonl", "output/data/report.html"):
            (job.base / path).read_bytes().decode("utf-8")
        again = self.assert_trained(job.run(environment=variables))
        self.assertIn("Continuing from a checkpoint", again.out)
        self.assertNotIn("Continuing", result.out)

    def test_paths_of_the_scripts_are_options(self):
        data = Job(self).add_digits()
        job = Job(self, {"epochs": "1", "data_dir": "/home/ec2-user/SageMaker/data"}).add_digits()
        self.assert_trained(job.run("--model-dir", str(job.base / "model")))
        job = Job(self, {"epochs": "1"}, channels=())
        self.assert_trained(job.run("--data-dir", str(data.channel())))
        self.assert_trained(job.run(environment={"SM_CHANNEL_TRAINING": str(data.channel())}))

    def test_every_form_of_resourceconfig(self):
        for text in ('{"current_host": "algo-1-x", "hosts": ["algo-1-x"]}',
                     '{"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "ethwe", "current_instance_type": "local"}',
                     '{"current_host": "algo-1", "hosts": ["algo-1"], "current_group_name": "g", "instance_groups": '
                     '[{"instance_group_name": "g", "instance_type": "ml.m5.large", "hosts": ["algo-1"]}]}'):
            job = Job(self).add_digits()
            job.write_config("resourceconfig.json", text)
            self.assertEqual(job.run("--dry-run").code, 0)

    def test_describe_prints_a_training_specification(self):
        job = Job(self)
        result = job.run("mnist", "--json", command=("describe",))
        self.assertEqual(result.code, 0)
        specification = json.loads(result.out)
        knobs = {knob["Name"]: knob for knob in specification["SupportedHyperParameters"]}
        self.assertEqual(knobs["lr"]["Type"], "Continuous")
        self.assertEqual(knobs["lr"]["DefaultValue"], "0.01")
        self.assertEqual(knobs["batch-size"]["Type"], "Integer")
        self.assertTrue(knobs["epochs"]["IsTunable"])
        metrics = {metric["Name"]: metric["Regex"] for metric in specification["MetricDefinitions"]}
        self.assertEqual(metrics["average test loss"], "Test set: Average loss: ([0-9\\.]+)")
        self.assertLessEqual(len(metrics), 40)
        everything = json.loads(job.run("--json", command=("describe",)).out)
        self.assertEqual(everything["mnist"], specification)
        self.assertIn("batch-size", job.run("mnist", command=("describe",)).out)

    def test_help_names_the_commands(self):
        for command in (("--help",), ("train", "--help"), ("help",)):
            result = Job(self).run(command=command)
            self.assertEqual(result.code, 0)
            for word in ("train", "describe", "predict", "--dry-run"):
                self.assertIn(word, result.out)


if __name__ == "__main__":
    unittest.main()
