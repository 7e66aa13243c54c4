"""The server that people write themselves: FastAPI on uvicorn (uvloop, httptools), one process, LibTorch with one thread.

  fastapi_server.py MODEL.pt|NETS.py:FACTORY PORT [npy|jpeg]

A factory's network is compiled by torch.compile, for any number of rows.

npy: the body is an array as np.save writes it, so is the answer. jpeg: the body is an image, prepared as torchvision does
for ImageNet, the answer JSON.
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


app.post("/invocations")(numbers if (sys.argv[3:] or ["npy"])[0] == "npy" else image_handler())
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", log_level="warning", access_log=False)
