"""Start-up with twenty modules of the standard library imported, timed as a process."""

COMMAND = ["-c", "import argparse, asyncio, collections, csv, dataclasses, datetime, decimal, enum, functools, inspect, "
           "json, logging, pathlib, random, re, subprocess, tempfile, threading, typing, unittest"]
