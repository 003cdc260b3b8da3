"""argparse, logging, getopt, optparse-free command lines, shlex, configparser, tomllib."""
import argparse
import configparser
import contextlib
import getopt
import io
import logging
import logging.handlers
import shlex
import sys
import tomllib

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


parser = argparse.ArgumentParser(prog="tool", description="Does things.", epilog="The end.")
parser.add_argument("path", help="where to look")
parser.add_argument("rest", nargs="*", type=int, default=[7])
parser.add_argument("-v", "--verbose", action="count", default=0, help="more words")
parser.add_argument("-n", "--number", type=int, metavar="N", default=5, help="how many (default: %(default)s)")
parser.add_argument("--color", choices=["red", "green"], help="one of two")
parser.add_argument("--flag", action="store_true")
parser.add_argument("--no-cache", dest="cache", action="store_false")
parser.add_argument("--add", action="append")
parser.add_argument("--feature", action=argparse.BooleanOptionalAction)
parser.add_argument("--const", nargs="?", const="C", default="D")
group = parser.add_mutually_exclusive_group()
group.add_argument("--left", action="store_true")
group.add_argument("--right", action="store_true")
parser.add_argument("--version", action="version", version="%(prog)s 1.0")


def parse(text, parser=parser):
    err, out = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stderr(err), contextlib.redirect_stdout(out):
            result = parser.parse_args(shlex.split(text))
        print(text, "->", result)
    except SystemExit as exit:
        print(text, "-> exit", exit.code)
        print(out.getvalue(), end="")
        print(err.getvalue(), end="")


for text in ["p", "p 1 2 -vv --number=3", "p --color red --flag --no-cache --add a --add b", "p --feature --no-feature --const", "p --const x -n4 -vvv",
             "", "p x", "p --color blue", "p --left --right", "p -n many", "p --nope", "--version", "-h", "p --num 9", "p -- -1", "p --fl", "p -n", "p --flag=1", "p 1 -2"]:
    parse(text)
sub = argparse.ArgumentParser(prog="multi", exit_on_error=True)
commands = sub.add_subparsers(dest="command", required=True, title="commands")
run = commands.add_parser("run", aliases=["r"], help="run it")
run.add_argument("--fast", action="store_const", const=10)
stop = commands.add_parser("stop", help="stop it")
stop.add_argument("ids", nargs="+")
for text in ["run --fast", "r", "stop 1 2", "stop", "jump", "", "-h", "run -h"]:
    parse(text, sub)
print(
    parser.parse_known_args(["p", "--unknown", "--flag"])[1], parser.get_default("number"),
    repr(argparse.Namespace(a=1, b="x")), argparse.Namespace(a=1) == argparse.Namespace(a=1),
)
attempt(parser.add_argument, "--flag")
attempt(parser.add_argument, "x", required=True)
attempt(parser.add_argument, "--x", nargs=0)
attempt(parser.add_argument, "-y", "z")

print(getopt.getopt(["-a", "1", "--long=x", "rest"], "a:b", ["long="]), getopt.gnu_getopt(["r", "-b"], "b"))
attempt(getopt.getopt, ["-z"], "a")
attempt(getopt.getopt, ["--lo"], "", ["long=", "lord"])
print(
    shlex.split("a 'b c' \"d\\\"e\" f\\ g # h", comments=True), shlex.quote("it's"), shlex.join(["a b", "c"]),
    list(shlex.shlex("x=1;y", punctuation_chars=True)),
)
attempt(shlex.split, "'open")

stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.DEBUG, format="%(levelname)s:%(name)s:%(funcName)s:%(message)s")
log, child = logging.getLogger("top"), logging.getLogger("top.child")
def work():
    log.debug("plain")
    child.warning("with %s and %d", "args", 5)
    log.info("%(k)s", {"k": "mapping"})
    child.setLevel(logging.ERROR)
    child.warning("hidden")
    child.error("shown")
    log.log(35, "custom level")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")
work()
logging.addLevelName(35, "NOTICE")
log.log(35, "renamed")
log.critical("%s", {"a": 1}, extra={"who": "me"})
log.disabled = True
log.critical("never")
log.disabled = False
print(stream.getvalue())
print(
    log, child.parent is log, child.getEffectiveLevel(), logging.getLevelName(10), logging.getLevelName("ERROR"),
    logging.getLevelName(99), log.isEnabledFor(5), logging.root.handlers[0].__class__.__name__, child.hasHandlers(),
)
attempt(log.setLevel, "NOPE")
attempt(log.setLevel, 1.5)
attempt(log.log, "x", "m")
attempt(log.debug)
class Filter(logging.Filter):
    def filter(self, record):
        record.msg = "[" + str(record.msg) + "]"
        return "drop" not in record.msg
memory = logging.handlers.MemoryHandler(10, target=logging.StreamHandler(sys.stdout))
memory.setFormatter(logging.Formatter("{levelname:>8} {message}", style="{"))
memory.target.setFormatter(memory.formatter)
log.addHandler(memory)
log.propagate = False
log.addFilter(Filter())
log.warning("buffered")
log.info("drop me")
log.error("flushes %s", "now")
log.removeHandler(memory)
memory.close()
attempt(logging.Formatter, "{x", style="{")
attempt(logging.Formatter, "%(a", style="?")
print(
    logging.Formatter("%(asctime)s|%(message)s", "%Y").format(logging.makeLogRecord({"msg": "m", "created": 0})),
    logging.LoggerAdapter(log, {"k": 1}).process("m", {}),
)

config = configparser.ConfigParser()
config.read_string("[DEFAULT]\nbase = /x\n[one]\npath = %(base)s/sub\nnum: 5\nflag = yes\nmulti = a\n  b\nempty =\n; comment\n[two]\nreal=2.5\n")
print(
    config.sections(), dict(config["one"]), config.getint("one", "num"), config.getboolean("one", "flag"),
    config["two"].getfloat("real"), config.get("two", "nope", fallback="fb"), config.has_option("two", "base"),
    "one" in config, repr(config["one"]),
)
config["three"] = {"K": "v"}
out = io.StringIO()
config.write(out)
print(out.getvalue())
attempt(lambda: config["zero"])
attempt(lambda: config["one"]["zero"])
attempt(config.getint, "one", "path")
attempt(config.read_string, "[a]\n[a]\n")
attempt(config.read_string, "x=1")
attempt(config.read_string, "[s]\nx=1\nx=2")
attempt(config.read_string, "[s]\n=bad")
attempt(config.set, "one", "a", 5)
attempt(config.add_section, "one")
attempt(config.set, "no", "a", "b")
config.read_string("[loop]\na=%(b)s\nb=%(a)s\nc=%(zz)s\nd=%x\n")
attempt(config.get, "loop", "a")
attempt(config.get, "loop", "c")
attempt(config.get, "loop", "d")
print(config.get("loop", "d", raw=True))
print(tomllib.loads('title = "T"\n[a.b]\nn = 1_000\nf = 1.5e3\nd = 2024-01-02T03:04:05Z\nl = [1, [2], {x = "y"}]\nm = """\nline\\\n  joined"""\nr = \'raw\\n\'\nb = true\nh = 0xff\ni = inf\n[[arr]]\nk = 1\n[[arr]]\n"quoted key" = 07:00:00\n'))
for text in [
    "a = ", "a = 1\na = 2", "[a]\n[a]", "a = 01", "= 1", "a = 'x", "a.b = 1\n[a]\nb = 2", "a = [1",
    "a = 2024-13-01", 'a = "\\q"', "x",
]:
    attempt(tomllib.loads, text)
attempt(tomllib.loads, b"x")
