"""csv: writing and reading with quotes, DictReader."""

import csv
import io


def run():
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", "name", "note"])
    for i in range(700):
        writer.writerow([i, "name, %d" % i, 'say "%d"' % i])
    file.seek(0)
    total = sum(len(row["note"]) + int(row["id"]) for row in csv.DictReader(file))
    file.seek(0)
    return total, sum(1 for row in csv.reader(file))


EXPECTED = (250840, 701)
