"""Write small tables that real exports look like, each with the answer that is right: python make.py FOLDER.

Seeded, synthetic. README.md says what each must give. Use them in tests of every door: `from_table`,
`arm_counts`, `count_units`, `sum_units`, `analyze` and the commands srm, assign, analyze, analyze --events
must agree.
"""

import gzip
import random
import sys
from pathlib import Path

HEADER = ("user", "arm", "bought", "spent")


def rows(n=400, lift=5.0, seed=1):
    """n users an arm; spent is 10 in arm a on average, and 10 + lift in arm b."""
    draw = random.Random(seed)
    return [
        (f"u{i}", arm, int(draw.random() < 0.3), round(draw.gauss(10 + lift * (arm == "b"), 1), 2))
        for i, arm in enumerate("ab" * n)
    ]


def text(table, header=HEADER, sep=","):
    return "\n".join(sep.join(map(str, row)) for row in [header, *table]) + "\n"


def write(path, content, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))


def main(folder):
    folder = Path(folder)
    plain = rows()
    write(folder / "plain.csv", text(plain))
    # 1 names: a file is that file, whatever its name or folder holds
    write(folder / "data1.csv", text(rows(lift=0.0)))
    write(folder / "data[1].csv", text(plain))
    write(folder / "arm=b" / "users.csv", text(plain))
    write(folder / "spent=3" / "users.csv", text(plain))
    # 2 marks inside the text
    quoted = [
        (f"u{i}", "ab"[i % 2], i % 2, "'tis" if i == 20 else "dogs'" if i == 41 else "ok") for i in range(62)
    ]
    write(folder / "apostrophes.csv", text(quoted, ("user", "arm", "bought", "note")))
    write(
        folder / "hash_ids.csv",
        text([(f"{'#' if i in (5, 61) else ''}{i}", *rest) for i, (_, *rest) in enumerate(plain[:200])]),
    )
    # 3 shapes
    write(
        folder / "two_exports.csv",
        text(plain[:50]) + text([(*row, "FR") for row in plain[50:100]], (*HEADER, "country")),
    )
    short = text(plain[:60]).splitlines()
    short.insert(11, "u999,a,1")
    write(folder / "short_row.csv", "\n".join(short) + "\n")
    write(folder / "same_name_twice.csv", text([(*row, 0) for row in plain[:60]], (*HEADER, "spent")))
    write(
        folder / "blanks.csv",
        text([(u, f"{arm} " if i % 3 == 0 else arm, b, s) for i, (u, arm, b, s) in enumerate(plain[:120])]),
    )
    # 4 ids are text
    ids = {
        "long": [str(10**19 + i) for i in range(40)],
        "visitors": [f"1000000000.{1600000000 + 10 * i}" for i in range(40)],
        "versions": [f"{i}.1{'0' * (k % 2)}" for i in range(1, 21) for k in range(2)],
        "letters": ["t", "T", "true", "f", "F", "false"],
    }
    for name, values in ids.items():
        write(
            folder / f"ids_{name}.csv",
            text([(u, "a" if i < len(values) / 2 else "b", 1, i % 5) for i, u in enumerate(values)]),
        )
    # 5 numbers
    for name, bad in {"thousands": '"1,234.50"', "minus": "−5.00", "na": "NA", "brackets": "(5.00)"}.items():
        table = [[u, arm, b, s] for u, arm, b, s in plain[:60]]
        table[30][3] = bad
        write(folder / f"cell_{name}.csv", text(table))
    # 6 encodings and archives
    write(folder / "bom.csv", "\ufeff" + text(plain[:60]))
    write(folder / "crlf.csv", text(plain[:60]).replace("\n", "\r\n"))
    write(folder / "semicolon.csv", text(plain[:60], sep=";"))
    write(folder / "utf16.csv", text(plain[:60]), "utf-16")
    write(folder / "latin1.csv", text([(f"Zoë{u}", *rest) for u, *rest in plain[:60]]), "latin-1")
    packed = gzip.compress(text(plain).encode(), mtime=0)
    write(folder / "cut.csv.gz", packed[: len(packed) // 2])
    flipped = bytearray(packed)
    flipped[len(flipped) // 2] ^= 1
    write(folder / "flipped.csv.gz", bytes(flipped))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cases")
