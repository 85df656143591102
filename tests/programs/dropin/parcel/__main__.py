import sys

from .part import part

print(__name__, __package__, __spec__.name, sys.argv, sys.path[0] != "", part())
