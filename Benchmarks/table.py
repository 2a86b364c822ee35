"""Makes the table of one run: a row a comparison, as ratios of runs that stood beside each other.

Reads lines of JSON: {"row", "side": "ours" | "rival", "round", "result"}.
"""

import json
import statistics
import sys

# row, what, at least, aim
ROWS = [
    ("decode:JSONDecoder", "decode, against Foundation's JSONDecoder", 15, 25),
    ("decode:orjson", "decode, against Python's orjson", 2.5, 3.5),
    ("live", "one BLPOP at a time, decoded and planned, against C BLPOP", 0.85, 0.95),
    ("backlog", "backlog, decoded and planned, against C LPOP 256", 0.33, 0.5),
    ("safe", "fetching at least once, against at most once", 0.85, 0.95),
]


def ratios(lines):
    found = {row[0]: [] for row in ROWS}
    rounds = {}
    for line in lines:
        rounds.setdefault((line["row"], line["round"]), {})[line["side"]] = line["result"]
    for (row, _), sides in rounds.items():
        ours, rival = sides.get("ours"), sides.get("rival")
        if row == "decode":
            found["decode:JSONDecoder"].append(ours["JSONDecoder"]["ns"] / ours["ctid"]["ns"])
            if rival:
                found["decode:orjson"].append(rival["orjson"]["ns"] / ours["ctid"]["ns"])
        elif ours and rival:
            found[row].append(ours["perSecond"] / rival["perSecond"])
    return found


def main():
    found = ratios([json.loads(line) for line in sys.stdin])
    print(f"{'what':60} {'ratio':>7}  {'spread':15} {'at least':>8} {'aim':>6}  met")
    for row, what, least, aim in ROWS:
        values = found[row]
        if not values:
            print(f"{what:60} SKIPPED: the rival could not be had")
            continue
        median = statistics.median(values)
        spread = f"{min(values):.2f}–{max(values):.2f}"
        met = "aim" if median >= aim else "yes" if median >= least else "NO"
        print(f"{what:60} {median:7.2f}  {spread:15} {least:8} {aim:6}  {met}")


if __name__ == "__main__":
    main()
