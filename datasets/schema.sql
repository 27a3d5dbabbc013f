-- schema.sql - version 1 of the catalog. schema.c embeds this file and holds the
-- list of later migrations; this one is never edited once a release has shipped it.
--
-- Times of day are ISO 8601 in UTC ("2026-11-23T05:58:00Z"). Positions in a film are
-- integers in the medium's own time base. Hashes are SHA-256 in lower-case hex and name
-- files in the pool. "" means unknown; NULL means "does not apply".

-- Facts about the catalog itself.
CREATE TABLE meta(
    key TEXT PRIMARY KEY,               -- "made" (when), "made-by" (program and version)
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A stored file: a film or a picture.
CREATE TABLE medium(
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE CHECK(length(hash) = 64), -- names the bytes in the pool
    kind TEXT NOT NULL CHECK(kind IN ('video', 'image')),
    container TEXT NOT NULL,            -- "matroska"; "" unknown
    codec TEXT NOT NULL,                -- "h264"; "" unknown
    w INTEGER NOT NULL,                 -- pixels, upright
    h INTEGER NOT NULL,
    rotation INTEGER NOT NULL,          -- degrees that were applied to get upright
    frames INTEGER NOT NULL,            -- counted by decoding; 1 for a picture
    time_base_num INTEGER NOT NULL,     -- one pts unit is num/den seconds
    time_base_den INTEGER NOT NULL CHECK(time_base_den > 0),
    first_pts INTEGER NOT NULL,         -- of the first frame
    end_pts INTEGER NOT NULL,           -- behind the last frame
    variable_rate INTEGER NOT NULL,     -- 1: frames are not evenly spaced
    has_audio INTEGER NOT NULL,         -- 1: there is a sound track
    complete INTEGER NOT NULL DEFAULT 0,-- 1: its clips and faces are all there
    added TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- Where a medium came from; identical bytes may have come from several places.
CREATE TABLE origin(
    id INTEGER PRIMARY KEY,
    medium INTEGER NOT NULL REFERENCES medium ON DELETE CASCADE,
    source TEXT NOT NULL,               -- file, directory, archive or URL handed in
    path TEXT NOT NULL,                 -- inside it; "" for a plain file
    licence TEXT NOT NULL,              -- "CC BY 4.0"; "unknown" when nobody said
    author TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    UNIQUE(medium, path, source)
) STRICT;

-- A span of a medium: a shot of a film, or a whole picture.
CREATE TABLE clip(
    id INTEGER PRIMARY KEY,
    medium INTEGER NOT NULL REFERENCES medium ON DELETE CASCADE,
    start_pts INTEGER NOT NULL,         -- [start, end)
    end_pts INTEGER NOT NULL,
    start_frame INTEGER NOT NULL,
    end_frame INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,          -- for people: "megamind-2"
    poster TEXT NOT NULL,               -- hash of a picture in the pool; ""
    UNIQUE(medium, start_pts, end_pts)
) STRICT;

-- A face in a clip at a time: a box and the picture cut out of it.
CREATE TABLE face(
    id INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
    origin INTEGER REFERENCES origin ON DELETE CASCADE, -- whose label it bears; NULL: none
    pts INTEGER NOT NULL,
    x REAL NOT NULL,                    -- box in pixels of the upright frame
    y REAL NOT NULL,
    w REAL NOT NULL,
    h REAL NOT NULL,
    score REAL NOT NULL,                -- the detector's, 0..1; 1 for given faces
    crop TEXT NOT NULL,                 -- hash of the cut-out in the pool; ""
    split TEXT NOT NULL CHECK(split IN ('', 'train', 'valid', 'test')), -- as it came
    subject TEXT NOT NULL               -- person or track; "" unknown
) STRICT;
CREATE UNIQUE INDEX face_once ON face(clip, pts, coalesce(origin, 0), x, y, w, h);
CREATE INDEX face_origin ON face(origin) WHERE origin IS NOT NULL;
CREATE INDEX face_subject ON face(subject) WHERE subject <> '';

-- A word of the vocabulary: NAMESPACE/NAME.
CREATE TABLE tag(
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,            -- "mood", "texture", "emotion", ...
    name TEXT NOT NULL,                 -- lower case, words joined by '-'
    description TEXT NOT NULL,
    UNIQUE(namespace, name)
) STRICT;
CREATE INDEX tag_name ON tag(name);

-- A tag on a clip or on a face, by somebody.
CREATE TABLE tagging(
    id INTEGER PRIMARY KEY,
    tag INTEGER NOT NULL REFERENCES tag,
    clip INTEGER REFERENCES clip ON DELETE CASCADE,     -- exactly one of clip and face
    face INTEGER REFERENCES face ON DELETE CASCADE,
    source TEXT NOT NULL CHECK(source IN ('person', 'model', 'import')),
    who TEXT NOT NULL,                  -- login, model's or importer's name
    confidence REAL NOT NULL CHECK(confidence BETWEEN 0 AND 1),
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    CHECK((clip IS NULL) <> (face IS NULL))
) STRICT;
CREATE UNIQUE INDEX tagging_clip ON tagging(clip, tag, source, who) WHERE clip IS NOT NULL;
CREATE UNIQUE INDEX tagging_face ON tagging(face, tag, source, who) WHERE face IS NOT NULL;
CREATE INDEX tagging_tag ON tagging(tag);

-- A named set of clips; it also holds what its children hold.
CREATE TABLE collection(
    id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES collection,               -- NULL: at the top
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    query TEXT,                         -- also holds what this finds (collection.h); NULL
    description TEXT NOT NULL
) STRICT;
CREATE INDEX collection_parent ON collection(parent);

-- Clips put into a collection by hand.
CREATE TABLE collection_clip(
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collection ON DELETE CASCADE,
    clip INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
    UNIQUE(collection, clip)
) STRICT;
CREATE INDEX collection_clip_clip ON collection_clip(clip);

-- A person who can be recognised in the footage; face.subject bears the name.
CREATE TABLE person(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    note TEXT NOT NULL,                 -- how to reach them, where the form is kept
    added TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- What a person has agreed to.
CREATE TABLE consent(
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK(purpose IN ('training', 'exhibition', 'publication')),
    granted TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    until TEXT,                         -- last day, "2027-12-31"; NULL: without end
    withdrawn TEXT                      -- when; NULL: in force
) STRICT;
CREATE INDEX consent_person ON consent(person, purpose);

-- A frozen list of labelled samples.
CREATE TABLE snapshot(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,                 -- of its sorted lines "picture label split\n"
    licence TEXT NOT NULL,              -- of the media, joined by "; "
    query TEXT NOT NULL,                -- what was asked for; "" all
    valid REAL NOT NULL,                -- share asked for
    seed INTEGER NOT NULL,
    keep_leaks INTEGER NOT NULL,
    count INTEGER NOT NULL,             -- samples
    leaks INTEGER NOT NULL,             -- training samples left out: also in valid or test
    withheld INTEGER NOT NULL,          -- faces left out: no consent in force
    made TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- Its samples. `face` is no foreign key: a snapshot outlives the rows it was made of.
CREATE TABLE snapshot_sample(
    snapshot INTEGER NOT NULL REFERENCES snapshot ON DELETE CASCADE,
    n INTEGER NOT NULL,                 -- 0..count-1 by split, picture, face
    face INTEGER NOT NULL,
    picture TEXT NOT NULL,              -- hash in the pool
    label TEXT NOT NULL,                -- "happy"
    split TEXT NOT NULL CHECK(split IN ('train', 'valid', 'test')),
    leaked INTEGER NOT NULL,            -- 1: the picture is among the training faces too
    PRIMARY KEY(snapshot, n)
) STRICT, WITHOUT ROWID;

-- A training run; its files are in runs/NAME/.
CREATE TABLE run(
    id INTEGER PRIMARY KEY,
    snapshot INTEGER REFERENCES snapshot,
    name TEXT NOT NULL UNIQUE,
    task TEXT NOT NULL,                 -- "emotion"
    settings TEXT NOT NULL,             -- JSON
    state TEXT NOT NULL CHECK(state IN ('running', 'stopped', 'done', 'failed')),
    epoch INTEGER NOT NULL,             -- done
    epochs INTEGER NOT NULL,            -- planned
    best_metric REAL NOT NULL,          -- valid accuracy of the best epoch, 0..1
    created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    updated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- What a run measured after an epoch.
CREATE TABLE metric(
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    split TEXT NOT NULL,                -- "train", "valid", "test"
    metric TEXT NOT NULL,               -- "loss", "accuracy"
    value REAL NOT NULL,
    PRIMARY KEY(run, epoch, split, metric)
) STRICT, WITHOUT ROWID;

-- An exported model; its bytes are in the pool.
CREATE TABLE model(
    id INTEGER PRIMARY KEY,
    run INTEGER REFERENCES run,         -- NULL: it was not trained here
    hash TEXT NOT NULL,
    path TEXT NOT NULL,                 -- where it was written for the user
    task TEXT NOT NULL,
    made TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    UNIQUE(hash, path)
) STRICT;

-- What people changed, newest last: one entry a command (undo.h).
CREATE TABLE journal(
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    who TEXT NOT NULL,
    what TEXT NOT NULL,                 -- "add mood/tense to megamind-2"
    undone TEXT                         -- when it was taken back; NULL: it holds
) STRICT;

-- The rows that an entry touched, as they were before.
CREATE TABLE journal_change(
    id INTEGER PRIMARY KEY,             -- undone from the highest down
    entry INTEGER NOT NULL REFERENCES journal ON DELETE CASCADE,
    tbl TEXT NOT NULL,                  -- "tagging"
    op TEXT NOT NULL CHECK(op IN ('insert', 'update', 'delete')),
    row INTEGER NOT NULL,               -- its id
    old TEXT                            -- JSON object of its columns; NULL for an insert
) STRICT;
CREATE INDEX journal_change_entry ON journal_change(entry);

-- Full text. A document's rowid says what it is of: clip id * 3, origin id * 3 + 1,
-- tag id * 3 + 2. Triggers keep it in step.
CREATE VIRTUAL TABLE search USING fts5(text, tokenize = 'unicode61 remove_diacritics 2');

CREATE TRIGGER search_clip_new AFTER INSERT ON clip BEGIN
    INSERT INTO search(rowid, text) VALUES (new.id * 3, new.name);
END;
CREATE TRIGGER search_clip_name AFTER UPDATE OF name ON clip BEGIN
    UPDATE search SET text = new.name WHERE rowid = new.id * 3;
END;
CREATE TRIGGER search_clip_old AFTER DELETE ON clip BEGIN
    DELETE FROM search WHERE rowid = old.id * 3;
END;
CREATE TRIGGER search_origin_new AFTER INSERT ON origin BEGIN
    INSERT INTO search(rowid, text)
    VALUES (new.id * 3 + 1, new.source || ' ' || new.path || ' ' || new.author);
END;
CREATE TRIGGER search_origin_old AFTER DELETE ON origin BEGIN
    DELETE FROM search WHERE rowid = old.id * 3 + 1;
END;
CREATE TRIGGER search_tag_new AFTER INSERT ON tag BEGIN
    INSERT INTO search(rowid, text)
    VALUES (new.id * 3 + 2, new.namespace || ' ' || new.name || ' ' || new.description);
END;
CREATE TRIGGER search_tag_old AFTER DELETE ON tag BEGIN
    DELETE FROM search WHERE rowid = old.id * 3 + 2;
END;
