"""The SageMaker SDK 3 in local mode. It is told nothing about AWS."""
from local_mode_cases import Cases, LocalMode


class Version3(LocalMode, Cases):
    program = "job_v3.py"

    def test_it_removes_what_root_has_written(self):
        job = self.run_job({"epochs": 1})
        self.assert_trained(job)
        self.assertFalse((job.folder / "results/algo-1").exists())

    def test_a_good_job_after_a_bad_one_in_the_same_folder(self):
        job = self.job()
        self.assert_failed(self.run_job({"lr": "nan"}, job), "lr")
        self.assertTrue((job.folder / "results/algo-1/output/failure").exists())
        self.run_job({"epochs": 1}, job)
        self.assertEqual(job.code, 0, job.out)
        self.assertEqual(job.as_user("ls", "results/model").split(), ["model.json", "model.pt", "model.safetensors"])
