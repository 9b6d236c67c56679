"""Pairs on stdin, a sign each on stdout: libalpm's alpm_pkg_vercmp, which `vercmp` prints."""
import ctypes
import sys

alpm = ctypes.CDLL("libalpm.so.13")
alpm.alpm_pkg_vercmp.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
for line in sys.stdin:
    a, b = line.rstrip("\n").encode().split(b"\t")
    order = alpm.alpm_pkg_vercmp(a, b)
    print("<" if order < 0 else ">" if order > 0 else "=")
