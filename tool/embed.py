#!/usr/bin/env python3
"""Write a C table of files: embed.py OUT.c TABLE_NAME FILE..."""
import sys
from pathlib import Path

out, table, *files = sys.argv[1:]
rows = sorted((Path(file).stem, Path(file).read_bytes()) for file in files)

with open(out, 'w') as c:
    c.write(f'#include "base/embed.h"\n\nextern const Embedded {table}[];\n\n')
    for number, (_, data) in enumerate(rows):
        lines = (','.join(map(str, data[at:at + 32])) for at in range(0, len(data), 32))
        body = ',\n'.join(lines)
        c.write(f'static const unsigned char file_{number}[] = {{\n{body},\n0}};\n')
    c.write(f'\nconst Embedded {table}[] = {{\n')
    for number, (name, data) in enumerate(rows):
        c.write(f'    {{"{name}", file_{number}, {len(data)}}},\n')
    c.write('    {0},\n};\n')
