"""datetime, calendar, zoneinfo-free time zones, time formatting, parsing and arithmetic."""
import calendar
import copy
import datetime
import pickle
import time
from datetime import date, datetime as dt, time as clock, timedelta, timezone

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


d = date(2024, 2, 29)
print(
    d, repr(d), d.weekday(), d.isoweekday(), d.isocalendar(), d.toordinal(), d.timetuple(), d.ctime(),
    d.isoformat(), d.strftime("%A %d %B %Y %j %U %W %y %a %b %x %%"), f"{d:%d/%m}", d.replace(year=2020),
    d + timedelta(days=366), d - date(2023, 12, 31), d < date(2025, 1, 1), date.fromisoformat("2024-W09-4"),
    date.fromisoformat("20240229"), date.fromordinal(1), date.fromisocalendar(2024, 1, 1), date.min, date.max,
    date.resolution, hash(d) == hash(date(2024, 2, 29)),
)
for f, *args in [
    (date, 2023, 2, 29), (date, 0, 1, 1), (date, 2024, 13, 1), (date, "2024", 1, 1), (date, 2024),
    (date.fromisoformat, "2024-2-9"), (date.fromisoformat, "junk"), (date.fromisoformat, 5), (date.fromordinal, 0),
    (d.replace,), (lambda: d + 1,), (lambda: d < 5,), (lambda: date.max + timedelta(1),),
    (date.fromisocalendar, 2024, 54, 1), (lambda: setattr(d, "year", 1),), (lambda: d - dt(2024, 1, 1),),
    (d.strftime,), (date.fromtimestamp, 1e20), (lambda: d.replace(2023),),
]:
    attempt(f, *args)
t = timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5, microseconds=6, weeks=1)
print(
    t, repr(t), t.days, t.seconds, t.microseconds, t.total_seconds(), -t, abs(-t), t * 2, t / 2,
    t // timedelta(hours=1), t % timedelta(hours=1), divmod(t, timedelta(days=1)), t / timedelta(days=1), t * 1.5,
    t // 3, timedelta(), repr(timedelta()), timedelta(microseconds=-1), str(timedelta(days=-1)), timedelta(0.5),
    timedelta(hours=1.3), timedelta.max, timedelta.resolution, bool(timedelta()),
    timedelta(1) == timedelta(hours=24), t > timedelta(5), sum([t, t], timedelta()),
)
for f, *args in [
    (timedelta, 10 ** 10), (timedelta, "1"), (lambda: t / 0,), (lambda: t + 1,), (lambda: t * t,), (lambda: t < 5,),
    (lambda: t * float("nan"),), (lambda: timedelta(seconds=float("inf")),), (lambda: timedelta.max * 2,),
    (lambda: 5 / t,), (lambda: timedelta(foo=1),),
]:
    attempt(f, *args)
utc, plus = timezone.utc, timezone(timedelta(hours=5, minutes=30), "IST")
n = dt(2024, 3, 10, 14, 5, 9, 123456)
a = dt(2024, 3, 10, 14, 5, 9, tzinfo=plus)
print(
    n, repr(n), a, repr(a), a.utcoffset(), a.tzname(), a.dst(), a.astimezone(utc), n.isoformat("T", "milliseconds"),
    n.isoformat(sep=" ", timespec="minutes"), a.isoformat(), n.date(), n.time(), a.timetz(), n.timestamp(),
    a.timestamp(), n.ctime(), n.replace(hour=0, tzinfo=utc), n.timetuple().tm_yday, a.utctimetuple().tm_hour,
    n.strftime("%Y-%m-%d %H:%M:%S.%f %I%p %j %z|%Z|"), a.strftime("%z %:z %Z"),
    n + timedelta(hours=10), a - dt(2024, 3, 10, tzinfo=utc), n.fold, a == a.astimezone(utc),
    hash(a) == hash(a.astimezone(utc)), n == a, dt.combine(d, clock(5)), dt.min, dt.fromtimestamp(0, utc),
    dt.fromtimestamp(1.5, plus),
)
for text in [
    "2024-03-10", "2024-03-10T14:05", "2024-03-10 14:05:09.123", "20240310T140509Z", "2024-03-10T14:05:09+05:30",
    "2024-W10-7T01", "2024-03-10T14:05:09,5-01:00:30.5", "2024-03-10T24:00", "2024-13-01", "2024-03-10T25:00", "x",
    "2024-03-10T", "2024-03-10T14:5", "2024-03-10T14:05:09+24:00", "",
]:
    attempt(dt.fromisoformat, text)
for text, pattern in [
    ("10 Mar 2024", "%d %b %Y"), ("2024-070", "%Y-%j"), ("5:07 PM", "%I:%M %p"), ("24 +0530", "%y %z"),
    ("Sunday 10 2024", "%A %U %Y"), ("1.5", "%S.%f"), ("2024 x", "%Y"), ("x", "%Y"), ("2024", "%Q"),
    ("31 02 2024", "%d %m %Y"), ("UTC 1", "%Z %d"), ("", "%"), ("2024 10 7", "%G %V %u"),
]:
    attempt(dt.strptime, text, pattern)
for f, *args in [
    (dt, 2024, 1, 1, 24), (dt, 2024, 1, 1, 0, 0, 0, 10 ** 6), (dt, 2024, 1, 1, 0, 0, 0, 0, "utc"), (lambda: n < a,),
    (lambda: n - a,), (timezone, timedelta(hours=24)), (timezone, 5), (timezone, timedelta(1), 5),
    (dt.fromtimestamp, "x"), (dt.combine, n, 5), (lambda: n.astimezone(5),),
    (lambda: n.isoformat(timespec="days"),), (dt.now, 5), (lambda: dt(1, 1, 1) - timedelta(1),),
    (lambda: n.replace(month=2, day=30),), (clock, 25), (clock.fromisoformat, "1"),
    (lambda: clock(1) < clock(1, tzinfo=utc),), (lambda: clock(1) + timedelta(1),),
]:
    attempt(f, *args)
c = clock(13, 5, 9, 500, plus)
print(
    c, repr(c), c.isoformat("minutes"), c.utcoffset(), c.replace(tzinfo=None),
    clock.fromisoformat("T05:06:07.5+01:00"), clock(5) < clock(6), clock.min, clock.max, bool(clock(0)),
    c.strftime("%H-%M %z"), utc, repr(plus), repr(timezone(timedelta(hours=-3))), timezone.min,
    timezone(timedelta(seconds=3661)), plus.utcoffset(None), plus == timezone(timedelta(hours=5, minutes=30)),
    str(timezone(timedelta(0))),
)
class Zone(datetime.tzinfo):
    def utcoffset(self, when): return timedelta(hours=2 if when and 3 < when.month < 11 else 1)
    def dst(self, when): return timedelta(hours=1 if when and 3 < when.month < 11 else 0)
    def tzname(self, when): return "SUM" if self.dst(when) else "WIN"
    def __repr__(self): return "Zone()"
z = dt(2024, 7, 1, 12, tzinfo=Zone())
print(
    z, repr(z), z.dst(), z.tzname(), z.astimezone(utc), dt(2024, 1, 1, tzinfo=utc).astimezone(Zone()),
    z - dt(2024, 1, 1, 12, tzinfo=Zone()), z.utctimetuple()[:5], f"{z:%Z%z}",
)
class Bad(datetime.tzinfo):
    def utcoffset(self, when): return 5
attempt(lambda: str(dt(2024, 1, 1, tzinfo=Bad())))
attempt(lambda: dt(2024, 1, 1, tzinfo=datetime.tzinfo()).utcoffset())
for value in (d, t, n, a, c, plus):
    assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value), value
class Sub(dt):
    pass
print(type(Sub(2024, 1, 1) + timedelta(1)).__name__, Sub.fromisoformat("2024-01-01"), repr(Sub(2024, 1, 1)))
print(calendar.month(2024, 2))
print(
    calendar.isleap(2000), calendar.monthrange(2024, 2), calendar.leapdays(1900, 2000),
    calendar.weekday(2024, 3, 10), calendar.timegm((1970, 1, 2, 0, 0, 0)),
    calendar.TextCalendar(6).formatweek([(1, 0), (2, 1)], 3), list(calendar.Calendar().itermonthdays(2024, 2))[:5],
    calendar.day_name[0], calendar.Month.MAY,
)
attempt(calendar.month, 2024, 13)
print(
    time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(0)), time.gmtime(86400 * 365).tm_year,
    time.strptime("2024", "%Y")[:3], time.mktime((1970, 1, 1, 0, 0, 1, 0, 0, 0)), time.asctime(time.gmtime(0)),
    time.struct_time(range(9)), time.monotonic() <= time.monotonic(), time.timezone, time.tzname,
    time.get_clock_info("monotonic").monotonic,
)
attempt(time.sleep, -1)
attempt(time.strftime, "%Y", (1,))
attempt(time.gmtime, 1e30)
attempt(time.strptime, "x", "%d")
attempt(time.mktime, 5)
