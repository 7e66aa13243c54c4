"""The server that people write themselves: FastAPI on uvicorn (uvloop, httptools), one process, LibTorch with one thread.

  fastapi_server.py MODEL.pt|NETS.py:FACTORY PORT [npy|jpeg|csv]

A factory's network is compiled by torch.compile, for any number of rows.

npy: the body is an array as np.save writes it, so is the answer. jpeg: the body is an image, prepared as torchvision does
for ImageNet, the answer JSON. csv: rows of 784 numbers, read and answered by numpy's fastest reader and writer of text.
"""
import io
import runpy
import sys

import numpy as np
import torch
import uvicorn
from fastapi import FastAPI, Request, Response

torch.set_num_threads(1)
file, _, factory = sys.argv[1].partition(":")
if factory:
    model = torch.compile(runpy.run_path(file)[factory](), dynamic=True)
else:
    model = torch.jit.load(file).eval()
app = FastAPI()


@app.get("/ping")
def ping():
    return {}


async def numbers(request: Request):
    array = np.load(io.BytesIO(await request.body()))
    with torch.inference_mode():
        output = model(torch.from_numpy(array)).numpy()
    buffer = io.BytesIO()
    np.save(buffer, output.astype(np.float64))
    return Response(buffer.getvalue(), media_type="application/x-npy")


def image_handler():
    from PIL import Image
    for missing in ("nms", "qnms"):  # as bench/mnist/tutorial.py explains
        torch.library.define(f"torchvision::{missing}", "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import transforms
    prepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                                  transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])

    async def images(request: Request):
        image = Image.open(io.BytesIO(await request.body())).convert("RGB")
        with torch.inference_mode():
            output = model(prepare(image).unsqueeze(0))
        return output.softmax(1)[0].tolist()
    return images


async def rows(request: Request):
    array = np.loadtxt(io.BytesIO(await request.body()), dtype=np.float32, delimiter=",", ndmin=2)
    with torch.inference_mode():
        output = model(torch.from_numpy(array).reshape(-1, 1, 28, 28)).numpy()
    text = "".join(",".join(map(repr, row)) + "\n" for row in output.tolist())
    return Response(text, media_type="text/csv")


kind = (sys.argv[3:] or ["npy"])[0]
app.post("/invocations")(image_handler() if kind == "jpeg" else {"npy": numbers, "csv": rows}[kind])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", log_level="warning", access_log=False)
