"""Pairs on stdin, a sign each on stdout: librpm's labelCompare."""
import sys

import rpm


def parts(text):
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "0", text
    version, dash, release = rest.rpartition("-")
    return (epoch or "0", version, release or None) if dash else (epoch or "0", rest, None)


for line in sys.stdin:
    a, b = map(parts, line.rstrip("\n").split("\t"))
    if not (a[0] + b[0]).isdigit() or not a[1] or not b[1]:
        print("?")
        continue
    print("<=>"[rpm.labelCompare(a, b) + 1])
