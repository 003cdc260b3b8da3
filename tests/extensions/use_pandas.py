import pandas as pd, numpy as np

df = pd.DataFrame({"a": [1, 2, 3, 4], "b": list("xyxy"), "c": [1.5, 2.5, None, 4.0]})
print(df)
print(df.groupby("b").sum(numeric_only=True))
print(df.describe())
print(df.merge(pd.DataFrame({"b": ["x", "y"], "d": [10, 20]}), on="b"))
s = pd.Series(pd.date_range("2024-01-01", periods=5))
print(s.dt.day_name().tolist())
print(df.pivot_table(index="b", values="a", aggfunc="mean"))
print(df.sort_values("a", ascending=False).to_csv())
import io

print(pd.read_csv(io.StringIO("x,y\n1,2\n3,4\n")).sum())
print(df.to_json())
print(pd.read_json(io.StringIO(df.to_json())))
print(pd.concat([df, df]).reset_index(drop=True).dtypes)
print(df["c"].fillna(0).rolling(2).mean())
print(pd.to_datetime(["2020-01-01", "2021-05-05"]))
print(pd.Categorical(["a", "b", "a"]).codes, pd.Timestamp("2024-02-29") + pd.Timedelta(days=1))
print(df.apply(lambda r: r["a"] * 2, axis=1).tolist(), df.query("a > 2").shape)
