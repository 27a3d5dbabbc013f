-- migrate-2.sql - version 2 of the catalog: what people say of a training run, and when a run
-- measured something.

-- "drink" = "espresso": what runs are compared by.
CREATE TABLE run_label(
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY(run, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_label_key ON run_label(key, value);

-- Unix time of the metric; of those older than this version, their run's last change.
ALTER TABLE metric ADD COLUMN at REAL NOT NULL DEFAULT 0;
UPDATE metric SET at = (SELECT unixepoch(updated) FROM run WHERE id = run);
