import numpy as np

a = np.arange(24, dtype=float).reshape(4, 6)
print(a[1:3, ::2], a.T @ a[:, :2], a.mean(axis=0), a[a > 20], a.sum(), a.astype("i2").dtype, a.strides)
print(np.linalg.solve([[2.0, 1], [1, 3]], [3, 5]), np.linalg.eigvalsh(np.diag([1.0, 2, 3])), np.fft.rfft([1, 2, 3, 4]), np.random.default_rng(5).integers(0, 100, 8))
r = np.array([(1, "a", 2.5), (2, "b", 3.5)], dtype=[("n", "i4"), ("s", "U3"), ("v", "f8")])
print(r["v"], r[0], np.rec.array(r).s, np.array(["x", "yy"]), np.array([1, None], dtype=object), np.array([1 + 2j]).conj(), np.datetime64("2020-01-02") + np.arange(3))
print(np.einsum("ij,kj->ik", a, a)[0], np.sort([3, 1, 2])[::-1], np.unique([1, 1, 2], return_counts=True), np.where([True, False], 1, 2), np.concatenate([[1], [2.5]]))
print(np.array2string(np.linspace(0, 1, 5), precision=3), np.float32(1.1), repr(np.int64(5)), np.nan_to_num([np.nan, np.inf])[0], np.iinfo("i8").max, np.uint8(250) + np.uint8(3))
for bad in (lambda: np.ones(3) + np.ones(4), lambda: np.array([1, 2])[5], lambda: np.linalg.inv(np.zeros((2, 2))), lambda: np.zeros(3).reshape(2, 2), lambda: np.dtype("q9")):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)


class Sub(np.ndarray):
    def __array_finalize__(self, other):
        self.tag = getattr(other, "tag", "new")


s = np.zeros(3).view(Sub)
s.tag = "kept"
print(type(s[1:]).__name__, s[1:].tag, np.frompyfunc(lambda x, y: x * y, 2, 1)([1, 2], [3, 4]), np.vectorize(str)([1, 2]), memoryview(a)[1, 2], bytes(np.arange(3, dtype="u1")))
it = np.nditer([np.arange(3), None])
for x, y in it:
    y[...] = x * 2
print(it.operands[1], np.ma.masked_array([1, 2], mask=[0, 1]), np.poly1d([1, 2])(3), np.polynomial.Polynomial([1, 2])(2), np.array([[1, 2], [3, 4]]).tolist())
