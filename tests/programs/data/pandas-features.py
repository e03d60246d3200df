# A little of pandas and scipy on top of numpy: Cython, C and C++, whose exceptions cross all of them.
import io

import numpy as np
import pandas as pd
from scipy import linalg, optimize, sparse, stats
from scipy.spatial import ConvexHull, QhullError, cKDTree

pd.set_option("display.width", 100)
random = np.random.default_rng(3)
frame = pd.DataFrame({
    "city": random.choice(["Bern", "Graz", "Köln", None], 60),
    "day": pd.date_range("2026-01-30", periods=60, freq="D"),
    "count": random.integers(0, 50, 60),
    "price": random.normal(10, 3, 60).round(3),
})
frame.loc[::7, "price"] = np.nan
frame.info(memory_usage=False)
print(frame.describe().round(6))
print(frame.groupby("city", dropna=False).agg({"count": ["sum", "max"], "price": ["mean", "std"]}).round(6))
print(frame.pivot_table(index=frame.day.dt.month, columns="city", values="count", aggfunc="sum", fill_value=0))
print(frame.set_index("day").price.resample("2W").mean().interpolate().rolling(2).sum())
print(frame.merge(pd.DataFrame({"city": ["Graz", "Köln"], "code": [8010, 50667]}), how="left").code.value_counts())
print(frame.sort_values(["city", "price"], na_position="first").head(4).to_string(), frame.city.str.upper().unique())
print(frame.query("count > 40 and price < 12").to_json(orient="records", date_format="iso"))
print(pd.cut(frame["count"], 4).value_counts(sort=False), frame.melt(id_vars="city", value_vars=["count"]).shape)
frame.to_csv("/work/frame.csv", index=False)
again = pd.read_csv("/work/frame.csv", parse_dates=["day"])
print(again.equals(frame), again.dtypes.to_dict())
for attempt in (
    lambda: frame["nothing"],
    lambda: pd.to_datetime("2026-13-45"),
    lambda: pd.read_csv(io.StringIO("a,b\n1,2\n1,2,3,4\n")),
    lambda: frame.set_index("city").loc["Wien"],
    lambda: pd.Series([1, 2]).astype("category").cat.rename_categories([1]),
    lambda: ConvexHull(np.zeros((5, 2))),
    lambda: linalg.cholesky(-np.eye(2)),
):
    try:
        print("no error:", attempt())
    except QhullError:
        print("QhullError")
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])

points = random.random((200, 2))
hull, tree = ConvexHull(points), cKDTree(points)
print(hull.volume, sorted(hull.vertices.tolist())[:5], tree.query([0.5, 0.5], k=3), len(tree.query_pairs(0.05)))
print(optimize.linprog([-1, -2], A_ub=[[1, 1], [1, -1]], b_ub=[4, 2]).x, optimize.brentq(lambda x: x**3 - 2, 0, 2))
print(optimize.minimize(optimize.rosen, [1.3, 0.7, 0.8], method="BFGS").x.round(4), stats.norm.cdf([-1.96, 0, 1.96]))
matrix = sparse.random(50, 50, 0.1, random_state=1, format="csr") + sparse.eye(50)
print(sparse.linalg.spsolve(matrix.tocsc(), np.ones(50))[:3], linalg.expm(np.array([[0, 1], [-1, 0]])), matrix.nnz)
