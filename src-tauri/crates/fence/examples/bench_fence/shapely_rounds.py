"""The peer of `bench fence`: one measured round of shapely per question on standard input."""

import csv
import gzip
import json
import sys
import time

import numpy
import shapely


def opened(path):
    return gzip.open(path, "rt") if path.endswith(".gz") else open(path)


def read_points(path):
    with opened(path) as file:
        rows = csv.reader(file)
        header = [name.strip().lower() for name in next(rows)]

        def column(*names):
            return next(index for index, name in enumerate(header) if name in names)

        lon, lat = column("longitude", "lon", "lng", "x"), column("latitude", "lat", "y")
        return numpy.array([(float(row[lon]), float(row[lat])) for row in rows if row])


def read_fences(path, refused):
    with opened(path) as file:
        features = json.load(file)["features"]
    kept = [number for number in range(len(features)) if number not in refused]
    shapes = [shapely.from_geojson(json.dumps(features[number]["geometry"])) for number in kept]
    return numpy.array(kept), numpy.array(shapes)


def round_of(coordinates, tree, shapes):
    start = time.process_time()
    points = shapely.points(coordinates)
    made = time.process_time()
    point, shape = tree.query(points)
    queried = time.process_time()
    inside = shapely.contains_xy(shapes[shape], coordinates[point, 0], coordinates[point, 1])
    contained = time.process_time()
    secs = {"points": made - start, "query": queried - made, "contains": contained - queried}
    return secs, point[inside], shape[inside]


def answer(value):
    print(json.dumps(value), flush=True)


def main():
    coordinates = read_points(sys.argv[1])
    numbers = shapes = tree = None
    geos = ".".join(map(str, shapely.geos_version))
    answer({"versions": f"shapely {shapely.__version__}, GEOS {geos}, numpy {numpy.__version__}"})
    for line in sys.stdin:
        question = line.rstrip("\n").split(" ", 2)
        if question[0] == "load":
            numbers, shapes = read_fences(question[2], set(json.loads(question[1])))
            start = time.process_time()
            tree = shapely.STRtree(shapes)
            tree.query(shapely.points(coordinates[:1]))
            shapely.prepare(shapes)
            answer({"fences": len(shapes), "build": time.process_time() - start})
        elif question[0] == "round":
            answer(round_of(coordinates, tree, shapes)[0])
        elif question[0] == "hits":
            _, point, shape = round_of(coordinates, tree, shapes)
            answer({"hits": sorted(zip(point.tolist(), numbers[shape].tolist()))})


main()
