"""Run it: ``python -m beside_sklearn --cases 10000 --seed 0``."""

import argparse
import collections
import os
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from beside_sklearn.comparing import judge  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    a = parser.parse_args()
    counts = collections.Counter()
    groups = collections.defaultdict(list)
    for number in range(a.first, a.first + a.cases):
        with tempfile.TemporaryDirectory() as folder:
            v = judge(a.seed, number, Path(folder))
        counts[v.ending] += 1
        for name in v.names: counts["  "+name] += 1
        if v.ending == "different":
            key = (v.mismatch.kind, v.mismatch.what[:110])
            groups[key].append(v)
    print(counts)
    for key, vs in sorted(groups.items(), key=lambda kv: -len(kv[1])):
        print(len(vs), key, [v.case.number for v in vs[:4]])
        print("     ", vs[0].mismatch.call, vs[0].mismatch.what[:300])
    if a.cases == 1 and v.mismatch:
        m = v.mismatch
        print(v.case.describe())
        print(m.call, m.kind, m.what, m.facts, v.names)
        import traceback
        for o in (m.ours, m.theirs):
            if o.error: traceback.print_exception(o.error)
        from beside_sklearn.comparing import distance, unit_of
        for k in m.theirs.values:
            if k in m.ours.values: print(k, distance(m.ours.values[k], m.theirs.values[k], unit_of(m.ours, m.theirs)), str(m.ours.values[k])[:200], "|", str(m.theirs.values[k])[:200])
