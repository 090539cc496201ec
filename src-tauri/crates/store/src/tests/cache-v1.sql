-- A cache as version 1 wrote it.
CREATE TABLE rows (
    type    TEXT NOT NULL,
    id      BLOB NOT NULL,
    version INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (type, id)
) STRICT;
CREATE TABLE staged (
    type    TEXT NOT NULL,
    id      BLOB NOT NULL,
    version INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (type, id)
) STRICT;
CREATE TABLE strange (
    seq   INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    item  TEXT NOT NULL
) STRICT;
CREATE TABLE cursor (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    seq   INTEGER NOT NULL
) STRICT;
CREATE TABLE positions (
    resource    BLOB PRIMARY KEY,
    fix_time_us INTEGER NOT NULL,
    server_seq  INTEGER NOT NULL,
    data        TEXT NOT NULL
) STRICT;
CREATE TABLE incidents (
    seq    INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO rows (type, id, version, at_ms, data) VALUES
    ('task', x'00000000000000000000000000000001', 3, 1795420800000, '{"title":"Lift"}'),
    ('resource', x'00000000000000000000000000000002', 1, 1795420800000, '{"name":"Ana","private_since":"2026-11-20T09:00:00Z"}');
INSERT INTO staged (type, id, version, at_ms, data) VALUES
    ('task', x'00000000000000000000000000000009', 1, 1795420800000, '{"title":"of a snapshot that was cut short"}');
INSERT INTO cursor (one, epoch, seq) VALUES (1, 1, 12);
INSERT INTO positions (resource, fix_time_us, server_seq, data) VALUES
    (x'00000000000000000000000000000001', 1795161600000000, 5, '{"resource":"00000000-0000-0000-0000-000000000001","fix":{"at":{"lon":7.42,"lat":43.73},"fix_time":"2026-11-20T08:00:00Z","accuracy_m":8.0},"server_seq":5}');
INSERT INTO incidents (at_ms, kind, detail) VALUES (1795420800000, '"live_silent"', 'for 45 s');
PRAGMA user_version = 1;
