"""datetime: arithmetic, formatting, parsing, comparing."""

from datetime import date, datetime, timedelta, timezone


def run():
    start, total = datetime(2024, 1, 31, 12, 30, tzinfo=timezone.utc), 0
    for n in range(400):
        moment = start + timedelta(hours=n * 7, minutes=n)
        total += moment.weekday() + moment.timetuple().tm_yday + (moment > start)
        total += len(moment.isoformat()) + len(moment.strftime("%Y-%m-%d %H:%M"))
        total += (datetime.fromisoformat(moment.isoformat()) - start).days
        total += date.fromordinal(738000 + n).toordinal() % 7
    return total


EXPECTED = 78085
