#!/usr/bin/env python3
"""Write a C table of files: embed.py [--packed] OUT.c TABLE_NAME FILE...

Rows are named after their files, without the ending. With --packed they keep it, and carry their bytes compressed as well where that makes
them smaller: with gzip, and with brotli where its library is there to be found.
"""
import ctypes
import ctypes.util
import gzip
import sys
from pathlib import Path

BEST_BROTLI, BROTLI_WINDOW, BROTLI_TEXT = 11, 22, 1


def brotli(data):
    """DATA compressed, or nothing without the library, which Python does not come with."""
    found = ctypes.util.find_library('brotlienc')
    if not found:
        return b''
    size = ctypes.c_size_t(len(data) + 1024)
    room = ctypes.create_string_buffer(size.value)
    done = ctypes.CDLL(found).BrotliEncoderCompress(
        BEST_BROTLI, BROTLI_WINDOW, BROTLI_TEXT, ctypes.c_size_t(len(data)), data, ctypes.byref(size), room)
    return room.raw[:size.value] if done else b''


def write_bytes(c, name, data):
    lines = (','.join(map(str, data[at:at + 32])) for at in range(0, len(data), 32))
    body = ',\n'.join(lines)
    c.write(f'static const unsigned char {name}[] = {{\n{body}{"," if data else ""}\n0}};\n')


def main(words):
    packed = words[0] == '--packed'
    out, table, *files = words[packed:]
    rows = sorted((Path(file).name if packed else Path(file).stem, Path(file).read_bytes()) for file in files)
    fields = []

    with open(out, 'w') as c:
        c.write(f'#include "base/embed.h"\n\nextern const Embedded {table}[];\n\n')
        for number, (name, data) in enumerate(rows):
            write_bytes(c, f'file_{number}', data)
            row = f'{{"{name}", file_{number}, {len(data)}'
            codings = {'gzip': gzip.compress(data, 9, mtime=0), 'brotli': brotli(data)} if packed else {}
            for coding, small in codings.items():
                if small and len(small) < len(data):
                    write_bytes(c, f'{coding}_{number}', small)
                    row += f', .{coding} = {coding}_{number}, .{coding}_size = {len(small)}'
            fields.append(row + '}')
        c.write(f'\nconst Embedded {table}[] = {{\n')
        for row in fields:
            c.write(f'    {row},\n')
        c.write('    {0},\n};\n')


main(sys.argv[1:])
