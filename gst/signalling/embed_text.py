"""Makes a C++ header that holds a text file: embed_text.py FILE NAMESPACE NAME > HEADER."""

import os
import sys

# Compilers need not take longer literals; those in a row are one text.
PIECE = 8000


def main(path, namespace, name):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    print(f'// Made of {os.path.basename(path)}.\n#pragma once\n\nnamespace {namespace} {{\n')
    print(f'inline constexpr char {name}[] =')
    print('\n'.join(f'    R"text({piece})text"' for piece in pieces) + ';')
    print(f'\n}}  // namespace {namespace}')


main(*sys.argv[1:])
