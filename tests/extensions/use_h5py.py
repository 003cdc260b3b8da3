import h5py, numpy as np, tempfile, os

p = os.path.join(tempfile.mkdtemp(), "f.h5")
with h5py.File(p, "w") as f:
    d = f.create_dataset("g/x", data=np.arange(12).reshape(3, 4), chunks=True, compression="gzip")
    d.attrs["n"] = "v"
    f["s"] = ["a", "b"]
with h5py.File(p) as f:
    print(list(f), f["g/x"][1:, ::2], dict(f["g/x"].attrs), f["s"].asstr()[:])
    f.visit(print)
    try:
        f["zz"]
    except KeyError as e:
        print("KeyError")
