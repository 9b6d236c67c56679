//! Whoever goes behind the ledger's back and takes its triggers away is found out, and told where.

use super::{REPOSITORY, at, claimed, proved, raw, vanished};
use ledger::{Checkpoint, FIELDS, Ledger, Observation, State, Vantage};

/// Five rows of one repository and one of another.
fn stage(url: &str) -> Ledger {
    let ledger = Ledger::open(url).unwrap();
    let index = Observation {
        state: State::Is {
            digest: super::digest("i"),
            media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
            children: vec![ledger::Child { digest: super::digest("c"), platform: "linux/amd64".to_owned() }],
        },
        ..proved("1", "i", 2)
    };
    let other = Observation { repository: "r.example/other".to_owned(), ..proved("1", "o", 0) };
    ledger
        .observe(&[proved("1", "a", 0), proved("1", "b", 1), index, claimed("2", "d", 3), vanished("1", 4), other])
        .unwrap();
    ledger.observe(&[proved("2", "d", 4), claimed("2", "d", 5)]).unwrap();
    ledger
}

const TRIGGERS: [(&str, &str); 8] = [
    ("documents_stay", "documents"),
    ("documents_remain", "documents"),
    ("documents_once", "documents"),
    ("observations_stay", "observations"),
    ("observations_remain", "observations"),
    ("observations_follow", "observations"),
    ("sightings_grow", "sightings"),
    ("sightings_remain", "sightings"),
];

/// Changes the database as its administrator can.
fn tamper(url: &str, sql: &str) {
    for (trigger, table) in TRIGGERS {
        let on = if url.starts_with("sqlite:") { String::new() } else { format!(" ON {table}") };
        raw(url, &format!("DROP TRIGGER IF EXISTS {trigger}{on}")).unwrap();
    }
    if !url.starts_with("sqlite:") {
        raw(url, "DROP TRIGGER IF EXISTS sightings_stay ON sightings").unwrap();
    }
    raw(url, sql).unwrap();
}

fn problems(ledger: &Ledger, checkpoint: Option<&Checkpoint>) -> Vec<String> {
    let report = ledger.verify(checkpoint).unwrap();
    report.problems.iter().map(|p| p.to_string().replace(REPOSITORY, "app")).collect()
}

/// What `verify` says after `sql`.
fn check(url: &str, sql: &str, expected: &[&str]) {
    let ledger = stage(url);
    tamper(url, sql);
    assert_eq!(problems(&ledger, None), expected, "{sql}");
}

pub(crate) fn an_honest_ledger_is_whole(url: &str) {
    let ledger = stage(url);
    let report = ledger.verify(Some(&ledger.checkpoint().unwrap())).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!((report.repositories, report.observations, report.documents), (2, 7, 5));
}

pub(crate) fn every_altered_field_is_named(url: &str) {
    let ledger = stage(url);
    let whole = ledger.checkpoint().unwrap();
    tamper(url, "SELECT 1");
    for field in FIELDS.into_iter().chain(["hash", "marks"]).filter(|f| !["repository", "sequence"].contains(f)) {
        // The row is put back as it was afterwards, so that each field is tried on an honest ledger.
        let value = if field == "seen" { "seen + 1".to_owned() } else { format!("{field} || 'x'") };
        raw(url, "CREATE TABLE kept AS SELECT * FROM observations").unwrap();
        raw(
            url,
            &format!("UPDATE observations SET {field} = {value} WHERE repository = '{REPOSITORY}' AND sequence = 3"),
        )
        .unwrap();
        let mut expected = vec![format!("app row 3: the field `{field}` was altered")];
        if field == "document" {
            let digest = super::digest("i");
            expected.push(format!("app row 3: its document {digest}x is missing"));
        }
        assert_eq!(problems(&ledger, Some(&whole)), expected);
        raw(url, "DELETE FROM observations").unwrap();
        raw(url, "INSERT INTO observations SELECT * FROM kept").unwrap();
        raw(url, "DROP TABLE kept").unwrap();
        assert_eq!(problems(&ledger, Some(&whole)), [""; 0]);
    }
    // A row under another repository's name leaves a gap here and stands out there.
    raw(url, &format!("UPDATE observations SET repository = 'x' WHERE repository = '{REPOSITORY}' AND sequence = 3"))
        .unwrap();
    let expected =
        ["app row 3: it is missing", "x rows 1 to 2: they are missing", "x row 3: the field `repository` was altered"];
    assert_eq!(problems(&ledger, None), expected);
}

/// The last row again, changed and with a hash that fits: nobody can tell, but for whoever comes after it.
fn forge(url: &str, sequence: i64) {
    let ledger = Ledger::open(url).unwrap();
    let forged = {
        let elsewhere = tempfile::tempdir().unwrap();
        let other = Ledger::open(elsewhere.path().join("l.db").to_str().unwrap()).unwrap();
        let rows = ledger.page(REPOSITORY, 0, 100).unwrap();
        for entry in rows.iter().take_while(|e| e.sequence < sequence as u64) {
            let raw = entry.observation.digest().and_then(|d| ledger.document(d).unwrap());
            other.observe(&[Observation { raw, ..entry.observation.clone() }]).unwrap();
        }
        other.observe(&[claimed("evil", "evil", 99)]).unwrap();
        let text = |column: &str| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let path = elsewhere.path().join("l.db");
            let sql = sqlx::AssertSqlSafe(format!("SELECT {column} FROM observations WHERE sequence = {sequence}"));
            runtime.block_on(async {
                use sqlx::ConnectOptions as _;
                let mut conn = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.unwrap();
                sqlx::query_scalar::<_, String>(sql).fetch_one(&mut conn).await.unwrap()
            })
        };
        [
            "tag",
            "digest",
            "media_type",
            "children",
            "vantage",
            "proof",
            "witness",
            "document",
            "previous",
            "hash",
            "marks",
        ]
        .map(|column| format!("{column} = '{}'", text(column)))
        .join(", ")
    };
    let seen = at(99).as_millisecond();
    tamper(
        url,
        &format!(
            "UPDATE observations SET {forged}, seen = {seen} WHERE repository = '{REPOSITORY}' AND sequence = {sequence}"
        ),
    );
}

pub(crate) fn an_altered_row_that_was_hashed_anew_is_found_at_the_next(url: &str) {
    let ledger = stage(url);
    let checkpoint = ledger.checkpoint().unwrap();
    forge(url, 3);
    let expected = "app row 4: it does not follow from the row before it, which was written anew, or was put in by \
                    hand, as this one may be";
    assert_eq!(problems(&ledger, None), [expected]);
    assert_eq!(problems(&ledger, Some(&checkpoint)), [expected]);
}

pub(crate) fn a_removed_row_is_named(url: &str) {
    check(
        url,
        &format!("DELETE FROM observations WHERE repository = '{REPOSITORY}' AND sequence = 3"),
        &["app row 3: it is missing"],
    );
}

pub(crate) fn the_first_row_cannot_be_taken_away(url: &str) {
    check(
        url,
        &format!("DELETE FROM observations WHERE repository = '{REPOSITORY}' AND sequence < 3"),
        &["app rows 1 to 2: they are missing"],
    );
}

pub(crate) fn swapped_rows_are_named(url: &str) {
    let set = |from: i64, to: i64| {
        format!("UPDATE observations SET sequence = {to} WHERE repository = '{REPOSITORY}' AND sequence = {from};")
    };
    check(
        url,
        &format!("{}{}{}", set(2, 99), set(3, 2), set(99, 3)),
        &[
            "app row 2: it was written as row 3; rows were reordered",
            "app row 3: it was written as row 2; rows were reordered",
        ],
    );
}

pub(crate) fn a_row_put_in_by_hand_is_named(url: &str) {
    let columns = "tag, digest, media_type, children, seen, vantage, proof, witness, document, previous, hash, marks";
    let sql = format!(
        "INSERT INTO observations (repository, sequence, {columns}) SELECT repository, 7, {columns} \
         FROM observations WHERE repository = '{REPOSITORY}' AND sequence = 2"
    );
    check(url, &sql, &["app row 7: it was written as row 2; rows were reordered"]);
}

pub(crate) fn a_missing_end_needs_a_checkpoint(url: &str) {
    let ledger = stage(url);
    let checkpoint = ledger.checkpoint().unwrap();
    tamper(
        url,
        &format!("DELETE FROM sightings; DELETE FROM observations WHERE repository = '{REPOSITORY}' AND sequence > 4"),
    );
    assert_eq!(problems(&ledger, None), [""; 0], "a chain cannot know its own end");
    let expected = "app: it ends at row 4, and the checkpoint has 6; the last ones are missing";
    assert_eq!(problems(&ledger, Some(&checkpoint)), [expected]);
}

pub(crate) fn a_chain_written_anew_needs_a_checkpoint(url: &str) {
    let ledger = stage(url);
    let checkpoint = ledger.checkpoint().unwrap();
    tamper(url, "DELETE FROM sightings");
    forge(url, 6);
    assert_eq!(problems(&ledger, None), [""; 0], "nobody comes after the last row");
    let expected = "app row 6: it is not the checkpoint's; the chain was written anew";
    assert_eq!(problems(&ledger, Some(&checkpoint)), [expected]);
}

pub(crate) fn a_repository_that_is_gone_needs_a_checkpoint(url: &str) {
    let ledger = stage(url);
    let checkpoint = ledger.checkpoint().unwrap();
    tamper(url, "DELETE FROM observations WHERE repository = 'r.example/other'");
    assert_eq!(problems(&ledger, None), [""; 0]);
    let expected = "r.example/other: it ends at row 0, and the checkpoint has 1; the last ones are missing";
    assert_eq!(problems(&ledger, Some(&checkpoint)), [expected]);
}

pub(crate) fn an_altered_or_missing_document_is_named(url: &str) {
    let (a, b) = (super::digest("a"), super::digest("b"));
    let blob = if url.starts_with("sqlite:") { "X'00'" } else { "'\\x00'" };
    check(
        url,
        &format!(
            "UPDATE documents SET content = {blob} WHERE digest = '{a}'; DELETE FROM documents WHERE digest = '{b}'"
        ),
        &[&format!("app row 2: its document {b} is missing"), &format!("document {a}: its content was altered")],
    );
}

pub(crate) fn a_sighting_that_cannot_be_is_named(url: &str) {
    check(
        url,
        &format!(
            "INSERT INTO sightings (repository, sequence, proof, last, times) VALUES ('{REPOSITORY}', 77, 'proved', 0, 1)"
        ),
        &["app row 77: a sighting of it cannot be"],
    );
}

pub(crate) fn a_forged_sighting_is_named_and_not_believed(url: &str) {
    let ledger = stage(url);
    let century = at(60 * 24 * 36_500);
    tamper(url, &format!("UPDATE sightings SET proof = 'proved', last = {}", century.as_millisecond()));
    tamper(
        url,
        &format!(
            "INSERT INTO sightings (repository, sequence, proof, last, times) VALUES ('{REPOSITORY}', 1, 'proved', {}, 1)",
            at(60).as_millisecond()
        ),
    );
    let found = ledger.as_of(REPOSITORY, "2", at(600)).unwrap().unwrap();
    assert_eq!((found.certain, found.sealed, found.last), (false, at(4), century));
    let found = ledger.as_of(REPOSITORY, "1", at(0)).unwrap().unwrap();
    assert_eq!((found.certain, found.last), (true, at(1)), "a count ends where the next row says something else");
    assert_eq!(problems(&ledger, None), ["app row 6: a sighting of it cannot be"]);
}

pub(crate) fn a_checkpoint_of_before_holds_afterwards(url: &str) {
    let ledger = stage(url);
    let checkpoint: Checkpoint = ledger.checkpoint().unwrap().to_string().parse().unwrap();
    ledger.observe(&[proved("9", "z", 50), Observation { vantage: Vantage::Engine, ..claimed("9", "z", 50) }]).unwrap();
    assert_eq!(problems(&ledger, Some(&checkpoint)), [""; 0]);
}
