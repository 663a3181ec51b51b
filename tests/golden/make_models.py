# /// script
# dependencies = ["numpy", "onnx==1.23.2", "onnxruntime==1.31.1", "scikit-learn==1.9.1", "skl2onnx==1.20.0"]
# ///
"""Writes small ONNX models into models/, and what onnxruntime says with them into models/said.json.

`uv run tests/golden/make_models.py`. They are trained on made-up features; docs/models.md tells how to train a real one. Some
are wrong on purpose, each in one way.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent / "models"
HERE.mkdir(exist_ok=True)
WIDTH = 24
rng = np.random.default_rng(1)
x = rng.normal(size=(600, WIDTH)).astype(np.float32) * np.linspace(0.1, 30, WIDTH, dtype=np.float32)
y = (x[:, 0] / 0.1 + x[:, 5] / 6 + rng.normal(size=600) > 0).astype(int)


def linear(width=WIDTH, name="features", kind=TensorProto.FLOAT, rows="rows", output="probabilities", until="2009-12-31"):
    """A logistic regression as one product, a sum and a sigmoid, its scaling folded into the weights."""
    scaler = StandardScaler().fit(x)
    model = LogisticRegression().fit(scaler.transform(x), y)
    weights = (model.coef_[0] / scaler.scale_)[:, None]
    shift = model.intercept_ - (scaler.mean_ / scaler.scale_) @ model.coef_[0]
    whole = kind == TensorProto.INT64
    dtype = np.float32 if whole else helper.tensor_dtype_to_np_dtype(kind)
    held = [numpy_helper.from_array(weights[:width].astype(dtype), "weights"), numpy_helper.from_array(shift.astype(dtype), "shift")]
    nodes = [helper.make_node("MatMul", [name, "weights"], ["product"]), helper.make_node("Add", ["product", "shift"], ["sum"]), helper.make_node("Sigmoid", ["sum"], [output])]
    if whole:
        nodes[0].input[0] = "cast"
        nodes.insert(0, helper.make_node("Cast", [name], ["cast"], to=TensorProto.FLOAT))
    made_of = TensorProto.FLOAT if whole else kind
    graph = helper.make_graph(nodes, "choice", [helper.make_tensor_value_info(name, kind, [rows, width])], [helper.make_tensor_value_info(output, made_of, [rows, 1])], held)
    made = helper.make_model(graph, producer_name="made by hand", opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if until:
        helper.set_model_props(made, {"trained_until": until})
    return made


def network():
    """A network of scikit-learn, converted, and cut off at its probabilities."""
    model = MLPClassifier((8,), max_iter=400, random_state=1).fit(x / np.linspace(0.1, 30, WIDTH), y)
    made = to_onnx(model, initial_types=[("features", FloatTensorType([None, WIDTH]))], options={id(model): {"zipmap": False}}, target_opset=17)
    cut = onnx.utils.Extractor(made).extract_model(["features"], ["probabilities"])
    helper.set_model_props(cut, {"trained_until": "2009-12-31"})
    return cut


models = {
    "linear": linear(), "single": linear(rows=1), "network": network(), "undated": linear(until=None),
    "narrow": linear(width=23), "renamed": linear(name="inputs"), "double": linear(kind=TensorProto.DOUBLE), "whole": linear(kind=TensorProto.INT64),
    "unnamed": linear(output="score"), "misdated": linear(until="last year"),
}
asked = rng.normal(size=(20, WIDTH)).astype(np.float32) * np.linspace(0.1, 30, WIDTH, dtype=np.float32)
said = {}
for name, model in models.items():
    onnx.checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())
    if name in ("linear", "single", "network", "double"):
        session = onnxruntime.InferenceSession(model.SerializeToString())
        rows = [asked[at : at + 1] for at in range(len(asked))] if name == "single" else [asked]
        kind = np.float64 if name == "double" else np.float32
        said[name] = np.concatenate([session.run(["probabilities"], {"features": it.astype(kind)})[0] for it in rows])[:, -1].tolist()
(HERE / "said.json").write_text(json.dumps({"asked": asked.tolist(), "said": said}) + "\n")
