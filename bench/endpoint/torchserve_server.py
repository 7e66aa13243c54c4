"""TorchServe as the package sagemaker-pytorch-inference configures and starts it, with its files in our own folder
instead of /etc and the working directory.

  torchserve_server.py MODEL_DIRECTORY PORT FOLDER

MODEL_DIRECTORY is laid out as /opt/ml/model. The environment's OMP_NUM_THREADS and SAGEMAKER_* count as they do in AWS's image.
"""
import os
import pathlib
import sys

model_directory, port, folder = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
base = folder / "ml"
base.mkdir(parents=True)
(base / "model").symlink_to(model_directory)
os.environ.update(SAGEMAKER_BASE_DIR=str(base), SAGEMAKER_BIND_TO_PORT=port, TS_DISABLE_TOKEN_AUTHORIZATION="true",
                  LOG_LOCATION=str(folder), METRICS_LOCATION=str(folder), TEMP=str(folder))
os.environ["SAGEMAKER_SAFE_PORT_RANGE"] = f"{int(port) + 1}-{int(port) + 9}"
os.chdir(folder)

from sagemaker_pytorch_serving_container import torchserve  # it reads the environment when it is imported

configuration = folder / "ts.properties"
ports = [int(port) + offset for offset in (1, 2)]
# Its two internal ports are fixed, so a second server could not start beside it.
configuration.write_text(torchserve._generate_ts_config_properties(torchserve.DEFAULT_HANDLER_SERVICE) +
                         f"\nmetrics_address=http://127.0.0.1:{ports[1]}\ninitial_worker_port={int(port) + 100}\n")
store = folder / "store"
store.mkdir()
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
os.execvp("torchserve", ["torchserve", "--start", "--foreground", "--model-store", str(store), "--ts-config", str(configuration),
                         "--log-config", torchserve.DEFAULT_TS_LOG_FILE, "--models", f"model={model_directory}"])
