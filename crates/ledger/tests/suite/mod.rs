//! What must hold of a ledger, whatever database it is on. Included by the tests of this crate (SQLite) and by the
//! program's end-to-end tests (PostgreSQL).

pub(crate) mod killed;
pub(crate) mod moves;
pub(crate) mod remembers;
pub(crate) mod retains;
pub(crate) mod tampering;

use jiff::Timestamp;
use ledger::{Ledger, Observation, State, Vantage};
use model::Digest;
use sqlx::{ConnectOptions as _, Connection as _};

pub(crate) const REPOSITORY: &str = "r.example/app";

/// A place for a ledger that nobody else uses.
pub(crate) trait Fresh {
    /// For the test of this name.
    fn new(test: &str) -> Self;
    /// Its address.
    fn url(&self) -> String;
}

/// A test for each function of the suite.
macro_rules! every_test {
    ($fresh:ty) => {
        suite::every_test!($fresh: remembers [
            rows_and_repeats
            a_proof_after_a_claim_is_a_row
            vantages_do_not_mix
            what_is_a_day_old_is_sealed_again
            a_tag_that_was_never_seen_cannot_vanish
            a_tag_vanishes_and_comes_back
            an_untagged_digest_is_counted_by_itself
            first_seen
            as_of
            as_of_prefers_the_registry_itself
            tags_are_listed_with_their_last_row
            documents_are_kept_once
            other_documents_are_kept_too
            the_last_that_the_registry_itself_showed
            what_nobody_can_have_seen_is_refused
            a_refused_observation_takes_the_others_along
            it_is_there_when_opened_again
            nothing_is_changed_or_removed
            writers_take_turns
            many_open_it_at_once
            status
        ]);
        suite::every_test!($fresh: moves [
            a_move_is_open_until_it_ends
        ]);
        suite::every_test!($fresh: retains [
            an_image_has_its_last_document
            what_is_past_its_term_goes
            an_altered_document_is_refused
        ]);
        suite::every_test!($fresh: tampering [
            an_honest_ledger_is_whole
            every_altered_field_is_named
            an_altered_row_that_was_hashed_anew_is_found_at_the_next
            a_removed_row_is_named
            swapped_rows_are_named
            a_row_put_in_by_hand_is_named
            the_first_row_cannot_be_taken_away
            a_missing_end_needs_a_checkpoint
            a_chain_written_anew_needs_a_checkpoint
            a_repository_that_is_gone_needs_a_checkpoint
            an_altered_or_missing_document_is_named
            a_forged_sighting_is_named_and_not_believed
            a_sighting_that_cannot_be_is_named
            a_checkpoint_of_before_holds_afterwards
        ]);

        /// Does nothing unless it is started as a child by the tests below.
        #[test]
        fn a_child_that_writes() {
            suite::killed::write_as_told();
        }

        /// The child's name for the test harness, which leaves out the crate.
        fn child_test() -> String {
            let path = concat!(module_path!(), "::a_child_that_writes");
            path.split_once("::").map_or(path, |(_, name)| name).to_owned()
        }

        #[test]
        fn a_killed_writer_loses_nothing() {
            let fresh = <$fresh as suite::Fresh>::new("a_killed_writer_loses_nothing");
            suite::killed::a_killed_writer_loses_nothing(&suite::Fresh::url(&fresh), &child_test());
        }

        #[test]
        fn many_processes_leave_one_chain() {
            let fresh = <$fresh as suite::Fresh>::new("many_processes_leave_one_chain");
            suite::killed::many_processes_leave_one_chain(&suite::Fresh::url(&fresh), &child_test());
        }
    };
    ($fresh:ty: $module:ident [$($test:ident)*]) => {
        $(
            #[test]
            fn $test() {
                let fresh = <$fresh as suite::Fresh>::new(stringify!($test));
                suite::$module::$test(&suite::Fresh::url(&fresh));
            }
        )*
    };
}
pub(crate) use every_test;

/// `minutes` after the tests' beginning.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + minutes * 60).unwrap()
}

/// A manifest that differs with `name`.
pub(crate) fn manifest(name: &str) -> Vec<u8> {
    let digest = Digest::of(name.as_bytes());
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":2}},"layers":[]}}"#
    )
    .into_bytes()
}

/// The digest of [`manifest`].
pub(crate) fn digest(name: &str) -> Digest {
    Digest::of(&manifest(name))
}

/// `tag` seen to name the manifest `name`, with its bytes, from the registry itself.
pub(crate) fn proved(tag: &str, name: &str, minutes: i64) -> Observation {
    Observation::proved(REPOSITORY, Some(tag), digest(name), &manifest(name), None).unwrap().by(
        at(minutes),
        Vantage::Direct,
        "test 1",
    )
}

/// The same without bytes.
pub(crate) fn claimed(tag: &str, name: &str, minutes: i64) -> Observation {
    let state = State::Is { digest: digest(name), media_type: String::new(), children: Vec::new() };
    Observation::claimed(REPOSITORY, Some(tag), state).by(at(minutes), Vantage::Direct, "test 1")
}

/// `tag` seen to be gone.
pub(crate) fn vanished(tag: &str, minutes: i64) -> Observation {
    Observation::claimed(REPOSITORY, Some(tag), State::Vanished).by(at(minutes), Vantage::Direct, "test 1")
}

/// What a history shows: row, manifest and minutes of the first and the last sight.
pub(crate) fn told(ledger: &Ledger, tag: &str, names: &[&str]) -> Vec<String> {
    let minutes = |time: Timestamp| (time.as_second() - at(0).as_second()) / 60;
    let name = |d: &Digest| names.iter().find(|n| digest(n) == *d).map_or("?", |n| n).to_owned();
    let entries = ledger.history(REPOSITORY, tag).unwrap();
    let line = |e: &ledger::Entry| {
        let what = e.observation.digest().map_or("gone".to_owned(), name);
        let (from, to) = (minutes(e.observation.seen), minutes(e.last()));
        format!("{} {what} {} {from}..{to} x{}", e.sequence, e.observation.proof.word(), e.again.times + 1)
    };
    entries.iter().map(line).collect()
}

/// Runs statements behind the ledger's back.
pub(crate) fn raw(url: &str, sql: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = async {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut conn = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await?;
            sqlx::raw_sql(sql).execute(&mut conn).await?;
            conn.close().await
        } else {
            let mut conn = url.parse::<sqlx::postgres::PgConnectOptions>()?.connect().await?;
            sqlx::raw_sql(sql).execute(&mut conn).await?;
            conn.close().await
        }
    };
    runtime.block_on(run).map_err(|error: sqlx::Error| error.to_string())
}
