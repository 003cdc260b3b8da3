import datetime
import decimal

import duckdb

con = duckdb.connect()
con.execute("create table t (i integer, s varchar, d date, n decimal(8, 2), l integer[])")
con.executemany("insert into t values (?, ?, ?, ?, ?)", [
    (i, f"row {i}", datetime.date(2026, 1, 1 + i), decimal.Decimal(i) / 4, list(range(i))) for i in range(5)])
print(con.execute("select * from t where i > 2 order by i").fetchall())
con.execute("select sum(i), avg(n), max(s) from t")
print([c[0] for c in con.description], con.fetchall())
print(con.sql("select i % 2 as odd, count(*) as n from t group by odd order by odd").fetchall())
print(con.execute("select {'a': 1, 'b': [1, 2]}, map(['k'], [3]), interval 3 days, uuid() is null, null, 2::hugeint ** 100").fetchall())
con.create_function("twice", lambda x: x * 2, ["BIGINT"], "BIGINT")
print(con.execute("select twice(i) from t").fetchall())
import numpy as np

print({k: v.tolist() for k, v in con.execute("select i, n::double as n from t").fetchnumpy().items()})
table = np.arange(4)
try:
    con.execute("select * from nowhere")
except duckdb.CatalogException as e:
    print(type(e).__name__, str(e).splitlines()[0])
print(con.sql("select 42 as answer"))
con.begin()
con.execute("delete from t")
con.rollback()
print(con.table("t").aggregate("count(*)").fetchall(), con.table("t").filter("i = 1").project("s").fetchall())
