"""SQLite in memory: inserting, selecting, aggregates in Python."""

import sqlite3


class Sum:
    def __init__(self):
        self.total = 0

    def step(self, value):
        self.total += value

    def finalize(self):
        return self.total


def run():
    db = sqlite3.connect(":memory:")
    db.create_aggregate("total_of", 1, Sum)
    db.execute("create table t (id integer primary key, name text, value real)")
    db.executemany("insert into t values (?, ?, ?)", [(i, "name%d" % i, i / 2) for i in range(1500)])
    rows = db.execute("select id, name, value from t where id % 3 = 0 order by name").fetchall()
    (total,) = db.execute("select total_of(value) from t").fetchone()
    db.close()
    return len(rows), rows[5][1], total


EXPECTED = (500, 'name1014', 562125.0)
