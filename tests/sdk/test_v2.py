"""The SageMaker SDK 2 in local mode."""
from local_mode_cases import Cases, LocalMode


class Version2(LocalMode, Cases):
    program = "job_v2.py"
    environment = {"AWS_DEFAULT_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}

    def test_the_archives_belong_to_the_user(self):
        job = self.run_job({"epochs": 1})
        self.assert_trained(job)
        self.assertEqual(job.as_user("rm", "-r", "results"), "")
