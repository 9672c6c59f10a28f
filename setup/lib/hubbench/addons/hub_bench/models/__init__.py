from . import hub_bench_row
