"""Pairs on stdin, a sign each on stdout: the last `packaging` that also orders legacy versions."""
import sys
import warnings

from packaging.version import parse

warnings.simplefilter("ignore")
for line in sys.stdin:
    a, b = map(parse, line.rstrip("\n").split("\t"))
    print("<" if a < b else ">" if a > b else "=")
