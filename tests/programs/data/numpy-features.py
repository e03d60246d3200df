# What numpy does in C, C++ and BLAS: reductions, linear algebra, transforms, random numbers, errors.
import sys
import warnings

import numpy as np

np.set_printoptions(precision=12, linewidth=100)
warnings.simplefilter("error")
print(sys.argv, np.__version__)

# Sums, over every type, axis and stride.
grid = np.arange(24, dtype=np.float64).reshape(2, 3, 4)
print(grid.sum(), grid.sum(axis=1), grid[:, ::-2].cumsum(axis=2), grid.mean(), grid.std(axis=(0, 2)))
for kind in "bool int8 uint16 int32 uint64 float16 float32 float64 complex64 complex128".split():
    values = (np.arange(1000) % 7).astype(kind)
    print(kind, values.sum(), values.prod(where=np.arange(1000) < 5), values.max(), values.argmin(), values.nbytes)
print(repr(np.sum(np.full(10**6, 0.1, np.float32))), repr(np.sum(np.full(10**6, 0.1))))

# Linear algebra: products in BLAS, solvers in LAPACK.
random = np.random.default_rng(7)
a = random.standard_normal((40, 40))
b = random.standard_normal(40)
x = np.linalg.solve(a, b)
print(np.allclose(a @ x, b), x[:4], np.linalg.det(a), np.linalg.cond(a))
q, r = np.linalg.qr(a)
u, s, v = np.linalg.svd(a)
print(np.abs(np.diag(r))[:3], s[:3], np.allclose(u @ np.diag(s) @ v, a), np.allclose(q @ r, a))
print(np.linalg.eigvalsh(a + a.T)[:4], np.sort(np.abs(np.linalg.eigvals(a)))[-2:])
print(np.linalg.cholesky(a @ a.T + np.eye(40))[3, :4], np.linalg.lstsq(a[:, :3], b)[0])
print(np.einsum("ij,jk,ki->", a, a.T, a), np.kron([1, 2], [[3], [4]]).tolist(), np.tensordot(grid, grid, 3))

# Universal functions, in vectors and at their tails.
for length in (1, 3, 4, 7, 64, 1001):
    angle = np.linspace(-20, 20, length)
    single = angle.astype(np.float32)
    print(length, np.sin(angle).sum(), np.exp(angle / 9).sum(), np.hypot(single, 2).sum(), np.tanh(single).sum(),
          np.floor(angle * 3.7).sum(), np.sqrt(np.abs(single)).max(), (single > 1).sum(), np.power(angle, 3).sum())
print(np.array([200, 100], np.uint8) + np.uint8(100), np.left_shift(1, np.arange(5)), ~np.arange(3), np.gcd(48, 180))
print(np.array([np.nan, -np.inf, -0.0, 1e-320]), np.nan_to_num(np.array([np.nan, np.inf])), np.spacing(1.0))

# Sorting, searching, sets, strings, dates, records.
many = random.integers(0, 1000, 5000)
print(np.sort(many)[::500], np.argsort(many, kind="stable")[:5], np.partition(many, 10)[10], np.unique(many).size)
print(np.searchsorted(np.sort(many), [10, 500]), np.histogram(many, 4), np.percentile(many, [10, 50, 99]))
print(np.char.upper(np.array(["ab", "ü"])), np.array(["b", "a", "c"])[np.array([1, 0, 2])], np.strings.find(["xay"], "a"))
print(np.datetime64("2024-02-28") + np.arange(3), np.busday_count("2026-01-01", "2026-12-31"))
people = np.array([("Ada", 36, 1.5), ("Bob", 21, 2.5)], dtype=[("name", "U8"), ("age", "i4"), ("mass", "f8")])
print(np.sort(people, order="age"), people["mass"].mean(), people.dtype)

# Transforms, polynomials, random numbers of each kind.
signal = np.sin(np.arange(120) * 0.3) + 0.5 * np.cos(np.arange(120) * 1.1)
print(np.abs(np.fft.rfft(signal)).round(9)[:6], np.allclose(np.fft.ifft(np.fft.fft(signal[:101])), signal[:101]))
print(np.polyfit(np.arange(6.0), np.arange(6.0) ** 2 + 1, 2).round(9), np.roots([1, -6, 11, -6]), np.interp(2.5, [1, 3], [5, 9]))
for engine in (np.random.MT19937, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64):
    draws = np.random.Generator(engine(99))
    print(engine.__name__, draws.integers(1 << 40), draws.normal(), draws.gamma(2.0), draws.poisson(30), draws.permutation(6))
print(np.convolve([1, 2, 3], [0, 1, 0.5]), np.lib.stride_tricks.sliding_window_view(np.arange(5), 3).sum(axis=1))

# Errors come from C and C++ as Python's exceptions; floating point has its own.
for attempt in (
    lambda: np.linalg.inv(np.zeros((3, 3))),
    lambda: np.zeros(3) + np.zeros(4),
    lambda: np.array([1, 2]) // 0,
    lambda: np.float32(1e38) * np.float32(1e38),
    lambda: np.arange(10)[11],
    lambda: np.array(["x"]).astype(int),
    lambda: np.zeros((1 << 20, 1 << 20)),
    lambda: np.random.default_rng(1).poisson(-1.0),
):
    try:
        print("no error:", attempt())
    except Exception as error:
        print(type(error).__name__, error)
with np.errstate(all="ignore"):
    print(np.arange(-1, 2) / np.zeros(3), np.log(np.array([-1.0, 0.0])), np.int32(7) // np.int32(0))

# Files: a directory that is granted, text and numpy's own formats.
np.save("/work/grid.npy", grid)
np.savez_compressed("/work/both.npz", a=a, many=many)
np.savetxt("/work/table.csv", grid.reshape(6, 4), delimiter=",", fmt="%.3f", header="four columns")
print(np.array_equal(np.load("/work/grid.npy", mmap_mode=None), grid), np.load("/work/both.npz")["many"].sum())
print(np.loadtxt("/work/table.csv", delimiter=",").sum(), np.genfromtxt("/work/table.csv", delimiter=",").shape)
np.linalg.solve(np.eye(2), np.ones(3))
