"""OSRM in this process, without HTTP: reads one job per line as JSON, answers with seconds per question as JSON."""
import json, sys, time
import osrm

engine = osrm.OSRM(sys.argv[1])
for line in sys.stdin:
    job = json.loads(line)
    times = []
    for places in job["questions"]:
        places = [tuple(place) for place in places]
        if job["kind"] == "route":
            wanted = osrm.RouteParameters(coordinates=places, overview="full", geometries="polyline")
            ask = engine.Route
        else:
            sources = job.get("sources") or []
            targets = list(range(1, len(places))) if sources else []
            wanted = osrm.TableParameters(coordinates=places, sources=sources, destinations=targets)
            ask = engine.Table
        start = time.perf_counter()
        ask(wanted)
        times.append(time.perf_counter() - start)
    print(json.dumps(times), flush=True)
