"""pyvroom and PyVRP, one question a line: `NAME FILE SEED SECS`; answers are JSON, a line each.

The file is the instance as whole numbers: the same matrix is distance and duration. Both have one thread, and their
processor time counts, as it does for the asker.
"""

import json
import sys
import time
from importlib.metadata import version

import numpy
import pyvrp
import vroom

print(json.dumps({"versions": {name: version(name) for name in ("pyvroom", "pyvrp")}}), flush=True)


def with_vroom(it, _seed, _secs):
    problem = vroom.Input()
    problem.set_durations_matrix("car", numpy.array(it["matrix"], dtype=numpy.uint32))
    window = lambda index: vroom.TimeWindow(it["opens"][index], it["closes"][index])
    for number in range(it["vehicles"]):
        problem.add_vehicle(
            vroom.Vehicle(number, start=0, end=0, capacity=[it["capacity"]], time_window=window(0))
        )
    for index in range(1, len(it["demand"])):
        job = vroom.Job(
            index,
            location=index,
            default_service=it["service"][index],
            delivery=[it["demand"][index]],
            time_windows=[window(index)],
        )
        problem.add_job(job)
    solution = problem.solve(exploration_level=1, nb_threads=1)
    steps = solution.routes
    jobs = steps[steps["type"] == "job"]
    return [[int(number) for number in route] for _, route in jobs.groupby("vehicle_id", sort=True)["id"]]


class ProcessorTime:
    """Stops when this process has worked for so long."""

    def __init__(self, secs):
        self.end = time.process_time() + secs

    def __call__(self, _best):
        return time.process_time() >= self.end


def with_pyvrp(it, seed, secs):
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in it["demand"]]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(
        it["vehicles"],
        capacity=it["capacity"],
        start_depot=depot,
        end_depot=depot,
        tw_early=it["opens"][0],
        tw_late=it["closes"][0],
    )
    for index in range(1, len(it["demand"])):
        model.add_client(
            places[index],
            delivery=it["demand"][index],
            service_duration=it["service"][index],
            tw_early=it["opens"][index],
            tw_late=it["closes"][index],
        )
    for row, start in zip(it["matrix"], places):
        for length, end in zip(row, places):
            model.add_edge(start, end, distance=length, duration=length)
    end = ProcessorTime(secs)
    result = model.solve(stop=end, seed=seed, collect_stats=False, display=False)
    if not result.is_feasible():
        return None
    return list(numbers(result.best))


def numbers(solution):
    """The clients of each route, counted from 1 as in the file."""
    for route in solution.routes():
        yield [visit.idx + 1 for visit in route.schedule() if visit.is_client()]


SOLVERS = {"pyvroom": with_vroom, "pyvrp": with_pyvrp}

for line in sys.stdin:
    name, path, seed, secs = line.rstrip("\n").split("\t")
    with open(path) as file:
        instance = json.load(file)
    began = time.process_time()
    routes = SOLVERS[name](instance, int(seed), float(secs))
    print(json.dumps({"routes": routes, "secs": time.process_time() - began}), flush=True)
