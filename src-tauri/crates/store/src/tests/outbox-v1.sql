-- An outbox as version 1 wrote it.
CREATE TABLE device (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    id     BLOB NOT NULL,
    epoch  INTEGER NOT NULL,
    next_n INTEGER NOT NULL
) STRICT;
CREATE TABLE commands (
    n    INTEGER PRIMARY KEY,
    id   BLOB NOT NULL UNIQUE,
    data TEXT NOT NULL
) STRICT;
INSERT INTO device (one, id, epoch, next_n) VALUES (1, x'00000000000000000000000000000003', 2, 8);
INSERT INTO commands (n, id, data) VALUES (7, x'00000000000000000000000000000004', '{"command":{"n":7,"id":"00000000-0000-0000-0000-000000000004","body":{"type":"task_note","args":{"task":"00000000-0000-0000-0000-000000000001","text":"call back"}},"if_match":null,"occurred":{"wall":"2026-11-20T08:00:00Z","mono_age_ms":0},"valid_until":null,"depends_on":null},"state":"in_flight","attempts":1,"seen":false}');
PRAGMA user_version = 1;
