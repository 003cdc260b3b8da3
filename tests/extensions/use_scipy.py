import numpy as np, scipy.linalg, scipy.optimize, scipy.sparse, scipy.stats, scipy.integrate, scipy.interpolate, scipy.signal, scipy.spatial, scipy.special, scipy.fft

A = np.array([[4.0, 1], [2, 3]])
print(scipy.linalg.eigvals(A).real.round(6), scipy.linalg.inv(A).round(6))
print(scipy.optimize.minimize(lambda x: (x[0] - 1) ** 2 + (x[1] + 2) ** 2, [0, 0]).x.round(3))
print(scipy.integrate.quad(lambda x: x**2, 0, 3))
print(scipy.stats.norm.cdf(1.0))
m = scipy.sparse.csr_matrix(A)
print((m @ m).toarray())
print(scipy.interpolate.interp1d([0, 1, 2], [0, 1, 4])(1.5))
print(scipy.special.gamma(5.5))
print(scipy.spatial.KDTree(np.arange(20).reshape(10, 2)).query([3, 3]))
print(scipy.signal.butter(2, 0.3))
print(scipy.optimize.root(lambda x: x * x - 2, 1.0).x, scipy.fft.fft([1, 2, 3, 4]))
