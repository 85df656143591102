from . import part
VALUE = 1
