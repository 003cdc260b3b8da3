import datetime

import polars as pl

df = pl.DataFrame({"a": [3, 1, 2, None], "b": ["x", "y", "x", "z"], "c": [1.5, 2.5, float("nan"), 0.0],
                   "d": [datetime.date(2026, 1, day) for day in (1, 2, 3, 4)]})
print(df)
print(df.sort("a", nulls_last=True)["a"].to_list(), df.schema)
print(df.group_by("b", maintain_order=True).agg(pl.col("a").sum(), pl.len().alias("n")))
print(df.lazy().filter(pl.col("a") > 1).select(pl.col("a") * 10, pl.col("b").str.to_uppercase()).collect().rows())
print(df.join(pl.DataFrame({"b": ["x", "z"], "e": [True, False]}), on="b", how="left").to_dicts()[0])
print(df.select(pl.col("a").map_elements(lambda v: v * v, return_dtype=pl.Int64))["a"].to_list())
print(pl.read_csv(df.write_csv().encode()).shape, df["c"].to_numpy().tolist()[:2], df.write_json()[:60])
print(pl.Series([[1, 2], [], [3]]).list.len().to_list(), pl.DataFrame({"s": [{"x": 1}]}).unnest("s").columns)
try:
    df.select("missing")
except pl.exceptions.ColumnNotFoundError as e:
    print(type(e).__name__)
with pl.SQLContext(t=df) as sql:
    print(sql.execute("select b, count(*) as n from t group by b order by b").collect().rows())
