"""Trains a forecast model in Python and writes it as Loadstone takes it: NAME.onnx and its manifest NAME.json.

    pip install scikit-learn pandas onnx
    python3 train.py features.csv owd --target substation:owd --role gateway

features.csv is an export of the kind "features": IMPORT.md beside this file has the whole way. The model is linear: for each of
six groups of lead times a ridge regression of what the load has beside the mean of the week, and around it the quantiles of its errors
on the last fifth of the rows, which the regression has not seen. It leaves room for better ones.
"""

import argparse
import json

import numpy as np
import onnx
import pandas as pd
import sklearn
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import Ridge

GROUPS = 6
ALPHA = 300
ORIGIN_COLUMNS = {False: 11, True: 20}  # without and with weather: shared/forecast/FEATURES.md
GATEWAY_QUANTILES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
CLOUD_QUANTILES = [round(0.05 * i, 2) for i in range(1, 20)]


def read(path, target):
    """The rows of a target in order, and the names of the features in theirs."""
    table = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
    table = table[table["target"] == target].sort_values(["origin", "step"])
    names = list(table.columns[table.columns.get_loc("start") + 1 : table.columns.get_loc("load")])
    return table, names


def train(table, names, quantiles):
    """Weights [S, F] and bias [S] of every step, and the offsets [S, Q] of its quantiles."""
    steps = int(table["step"].max())
    x = table[names].to_numpy(float)
    y = (table["load"] - table["mean7"]).to_numpy(float)
    step = table["step"].to_numpy() - 1
    known = ~np.isnan(y)
    seen = np.arange(len(y)) < 0.8 * len(y)
    weights, bias, offsets = np.zeros((steps, len(names))), np.zeros(steps), np.zeros((steps, len(quantiles)))
    for group in range(GROUPS):
        mine = step * GROUPS // steps == group
        first, last = known & seen & mine, known & ~seen & mine
        mean, scale = x[first].mean(0), np.maximum(x[first].std(0), 1e-6)
        ridge = Ridge(alpha=ALPHA).fit((x[first] - mean) / scale, y[first])
        left = np.quantile(y[last] - ridge.predict((x[last] - mean) / scale), quantiles)
        of = np.arange(steps) * GROUPS // steps == group
        # The scaling goes into the weights: (x - mean) / scale @ w = x @ (w / scale) - mean @ (w / scale).
        weights[of] = ridge.coef_ / scale
        bias[of] = ridge.intercept_ - mean @ (ridge.coef_ / scale)
        offsets[of] = left - left[quantiles.index(0.5)]
    return weights, bias, offsets


def predict(rows, names, model):
    """What the model says to the features [S, F] of one origin: [S x Q], step by step."""
    weights, bias, offsets = model
    point = rows[:, names.index("mean7")] + (rows * weights).sum(1) + bias
    return (point[:, None] + offsets).reshape(-1)


def graph(names, weather, model):
    """The model as ONNX, from features [B, G + S x F] to quantiles [B, S x Q]; IMPORT.md lists the operators that may be used."""
    weights, bias, offsets = model
    g = ORIGIN_COLUMNS[weather]
    steps, q = offsets.shape
    f = len(names) - g
    at = names.index("mean7") - g
    integers = {
        "first": [0], "origin_end": [g], "end": [g + steps * f], "axis1": [1], "axis2": [2], "mean7": [at], "mean7_end": [at + 1],
        "rows": [-1, steps, f], "flat": [-1, steps * q],
    }
    floats = {"of_origin": weights[:, :g].T, "of_step": weights[:, g:], "bias": bias, "offsets": offsets}
    node = helper.make_node
    nodes = [
        node("Slice", ["features", "first", "origin_end", "axis1"], ["origin"]),
        node("Slice", ["features", "origin_end", "end", "axis1"], ["step_columns"]),
        node("Reshape", ["step_columns", "rows"], ["step_rows"]),
        node("MatMul", ["origin", "of_origin"], ["by_origin"]),
        node("Mul", ["step_rows", "of_step"], ["products"]),
        node("ReduceSum", ["products", "axis2"], ["by_step"], keepdims=0),
        node("Add", ["by_origin", "by_step"], ["sum"]),
        node("Add", ["sum", "bias"], ["change"]),
        node("Unsqueeze", ["change", "axis2"], ["change3"]),
        node("Slice", ["step_rows", "mean7", "mean7_end", "axis2"], ["usual"]),
        node("Add", ["usual", "change3"], ["point"]),
        node("Add", ["point", "offsets"], ["spread"]),
        node("Reshape", ["spread", "flat"], ["quantiles"]),
    ]
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", g + steps * f])]
    outputs = [helper.make_tensor_value_info("quantiles", TensorProto.FLOAT, ["batch", steps * q])]
    constants = [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in integers.items()]
    constants += [numpy_helper.from_array(value.astype(np.float32), name) for name, value in floats.items()]
    made = helper.make_model(
        helper.make_graph(nodes, "ridge", inputs, outputs, constants), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def iso(time):
    moment = pd.Timestamp(time)
    return (moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features", help="export of the kind features: CSV, or Parquet if pyarrow is installed")
    parser.add_argument("name", help="base name of the files to write, without extension")
    parser.add_argument("--target", required=True)
    parser.add_argument("--role", choices=["cloud", "gateway"], default="gateway")
    args = parser.parse_args()
    quantiles = CLOUD_QUANTILES if args.role == "cloud" else GATEWAY_QUANTILES
    table, names = read(args.features, args.target)
    weather = "ghi" in names
    model = train(table, names, quantiles)
    steps, g = len(model[1]), ORIGIN_COLUMNS[weather]

    # Parity: two rows of features, and what the model (not the file that was made of it) says to them.
    inputs, outputs = [], []
    for first in (0, len(table) // steps // 2 * steps):
        rows = table[names].to_numpy(np.float32)[first : first + steps].astype(float)
        inputs.append([*rows[0, :g], *rows[:, g:].reshape(-1)])
        outputs.append([round(float(value), 3) for value in predict(rows, names, model)])
    known = table[table["load"].notna()]
    manifest = {
        "target": args.target,
        "role": args.role,
        "name": "sklearn-ridge",
        "madeWith": f"scikit-learn {sklearn.__version__} Ridge",
        "featureVersion": 1,
        "stepS": 900,
        "steps": steps,
        "quantiles": quantiles,
        "weather": "hindcast" if weather else "none",
        "trainedFrom": iso(known["start"].min()),
        "trainedUpTo": iso(pd.Timestamp(known["start"].max()) + pd.Timedelta("15min")),
        "parity": {"inputs": inputs, "outputs": outputs},
    }
    with open(f"{args.name}.onnx", "wb") as file:
        file.write(graph(names, weather, model))
    with open(f"{args.name}.json", "w") as file:
        json.dump(manifest, file)
    print(f"{args.name}.onnx, {args.name}.json: {len(known)} rows of {args.target}, {manifest['trainedFrom']} to {manifest['trainedUpTo']}")


if __name__ == "__main__":
    main()
