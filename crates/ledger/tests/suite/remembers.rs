//! What is recorded is there, once, in order, and stays.

use super::{REPOSITORY, at, claimed, digest, manifest, proved, raw, told, vanished};
use ledger::{Ledger, LedgerError, Observation, Proof, Recorded, State, Vantage};

pub(crate) fn rows_and_repeats(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let receipt = ledger.observe(&[proved("1", "a", 0), proved("2", "b", 0), proved("1", "a", 1)]).unwrap();
    assert_eq!(receipt.recorded, [Recorded::Row(1), Recorded::Row(2), Recorded::Again(1)]);
    assert_eq!(receipt.rows(), 2);
    ledger.observe(&[claimed("1", "a", 5), proved("1", "b", 7), proved("1", "b", 9)]).unwrap();
    assert_eq!(told(&ledger, "1", &["a", "b"]), ["1 a proved 0..5 x3", "3 b proved 7..9 x2"]);
    let entry = &ledger.history(REPOSITORY, "1").unwrap()[0];
    assert_eq!((entry.again.proved, entry.again.claimed), (Some(at(1)), Some(at(5))));
    assert_eq!(ledger.history(REPOSITORY, "3").unwrap(), []);
    assert_eq!(ledger.history("r.example/other", "1").unwrap(), []);
}

pub(crate) fn a_proof_after_a_claim_is_a_row(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[claimed("1", "a", 0), claimed("1", "a", 1), proved("1", "a", 2), claimed("1", "a", 3)]).unwrap();
    assert_eq!(told(&ledger, "1", &["a"]), ["1 a claimed 0..1 x2", "2 a proved 2..3 x2"]);
}

pub(crate) fn vantages_do_not_mix(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let from = |o: Observation, vantage| Observation { vantage, ..o };
    let cache = || Vantage::Cache("cache.example".to_owned());
    let seen = [proved("1", "b", 1), from(proved("1", "a", 2), cache()), proved("1", "b", 3)];
    let receipt = ledger.observe(&seen).unwrap();
    assert_eq!(receipt.recorded, [Recorded::Row(1), Recorded::Row(2), Recorded::Again(1)]);
    let vantages: Vec<Vantage> =
        ledger.history(REPOSITORY, "1").unwrap().into_iter().map(|e| e.observation.vantage).collect();
    assert_eq!(vantages, [Vantage::Direct, cache()]);
}

pub(crate) fn what_is_a_day_old_is_sealed_again(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let day = 24 * 60;
    let seen = [
        proved("1", "a", 0),
        proved("1", "a", day - 1),
        claimed("1", "a", day + 5),
        proved("1", "a", day + 6),
        claimed("1", "a", 3 * day),
    ];
    ledger.observe(&seen).unwrap();
    let expected = [format!("1 a proved 0..{} x3", day + 5), format!("2 a proved {}..{} x2", day + 6, 3 * day)];
    assert_eq!(told(&ledger, "1", &["a"]), expected);
}

pub(crate) fn a_tag_that_was_never_seen_cannot_vanish(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    assert_eq!(ledger.observe(&[vanished("1", 0)]).unwrap().recorded, [Recorded::Nothing]);
    assert_eq!(ledger.status().unwrap().observations, 0);
}

pub(crate) fn a_tag_vanishes_and_comes_back(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("1", "a", 0), vanished("1", 1), vanished("1", 2), proved("1", "a", 3)]).unwrap();
    assert_eq!(told(&ledger, "1", &["a"]), ["1 a proved 0..0 x1", "2 gone claimed 1..2 x2", "3 a proved 3..3 x1"]);
}

pub(crate) fn an_untagged_digest_is_counted_by_itself(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let untagged = |name, minutes| Observation { tag: None, ..proved("", name, minutes) };
    let seen = [untagged("a", 0), untagged("b", 1), untagged("a", 2), proved("1", "a", 3)];
    let recorded = ledger.observe(&seen).unwrap().recorded;
    assert_eq!(recorded, [Recorded::Row(1), Recorded::Row(2), Recorded::Again(1), Recorded::Row(3)]);
    assert_eq!(ledger.tags(REPOSITORY).unwrap().len(), 1);
}

pub(crate) fn first_seen(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("edge", "a", 0), proved("1", "b", 4), proved("1", "a", 5), proved("1", "a", 6)]).unwrap();
    let first = |tag, name| {
        let entry = ledger.first_seen(REPOSITORY, tag, &digest(name)).unwrap();
        entry.map(|e| (e.sequence, e.observation.seen))
    };
    assert_eq!(first(Some("1"), "a"), Some((3, at(5))));
    assert_eq!(first(None, "a"), Some((1, at(0))));
    assert_eq!(first(Some("1"), "b"), Some((2, at(4))));
    assert_eq!(first(Some("edge"), "b"), None);
    assert_eq!(first(None, "never"), None);
}

pub(crate) fn as_of(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("1", "a", 10), proved("1", "a", 20), proved("1", "b", 30), vanished("1", 40)]).unwrap();
    let what = |minutes| {
        let found = ledger.as_of(REPOSITORY, "1", at(minutes)).unwrap()?;
        let next = found.next.map(|e| e.sequence);
        Some((found.entry.observation.digest().copied(), found.certain, found.last, next))
    };
    assert_eq!(what(9), None, "nobody had looked");
    assert_eq!(what(10), Some((Some(digest("a")), true, at(20), Some(2))));
    assert_eq!(what(15), Some((Some(digest("a")), false, at(20), Some(2))), "the count is in no chain");
    assert_eq!(what(25), Some((Some(digest("a")), false, at(20), Some(2))), "it may have moved before it was seen");
    assert_eq!(what(30), Some((Some(digest("b")), true, at(30), Some(3))));
    assert_eq!(what(99), Some((None, false, at(40), None)));
}

pub(crate) fn as_of_prefers_the_registry_itself(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let cache = |o: Observation| Observation { vantage: Vantage::Cache("c".to_owned()), ..o };
    ledger.observe(&[cache(proved("1", "a", 1)), proved("1", "b", 5), cache(proved("1", "a", 9))]).unwrap();
    let digest_at = |minutes| {
        let found = ledger.as_of(REPOSITORY, "1", at(minutes)).unwrap().unwrap();
        found.entry.observation.digest().copied()
    };
    assert_eq!(digest_at(2), Some(digest("a")));
    assert_eq!(digest_at(10), Some(digest("b")));
}

pub(crate) fn tags_are_listed_with_their_last_row(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("b", "1", 0), proved("a", "1", 1), proved("B", "2", 2), proved("a", "2", 3)]).unwrap();
    let tags: Vec<(Option<String>, u64)> =
        ledger.tags(REPOSITORY).unwrap().into_iter().map(|e| (e.observation.tag, e.sequence)).collect();
    assert_eq!(tags, [(Some("B".into()), 3), (Some("a".into()), 4), (Some("b".into()), 1)]);
}

pub(crate) fn documents_are_kept_once(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("1", "a", 0), proved("2", "a", 0), claimed("3", "b", 0)]).unwrap();
    assert_eq!(ledger.document(&digest("a")).unwrap(), Some(manifest("a")));
    assert_eq!(ledger.document(&digest("b")).unwrap(), None);
    assert_eq!(ledger.status().unwrap().documents, 1);
    // What is there already need not be brought again.
    let known = Observation { raw: None, ..proved("4", "a", 1) };
    assert_eq!(ledger.observe(&[known]).unwrap().rows(), 1);
}

pub(crate) fn other_documents_are_kept_too(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let config = b"{}".to_vec();
    let digest = model::Digest::of(&config);
    ledger.keep(&[(digest, config.clone()), (digest, config.clone())]).unwrap();
    ledger.keep(&[(digest, config.clone())]).unwrap();
    assert_eq!(ledger.document(&digest).unwrap(), Some(config));
    assert!(ledger.keep(&[(digest, b"other".to_vec())]).is_err());
    assert_eq!(ledger.status().unwrap().documents, 1);
}

pub(crate) fn the_last_that_the_registry_itself_showed(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let cache = Observation { vantage: Vantage::Cache("c".into()), ..proved("1", "b", 9) };
    ledger.observe(&[proved("1", "a", 0), proved("2", "z", 0), cache]).unwrap();
    let last = |tag| ledger.last_direct(REPOSITORY, tag).unwrap().map(|e| e.observation.digest().copied());
    assert_eq!(last("1"), Some(Some(digest("a"))));
    assert_eq!(last("3"), None);
    ledger.observe(&[vanished("1", 10)]).unwrap();
    assert_eq!(last("1"), Some(None));
}

pub(crate) fn what_nobody_can_have_seen_is_refused(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let good = || proved("1", "a", 0);
    let refused = [
        Observation { raw: Some(manifest("b")), ..good() },
        Observation { raw: None, ..good() },
        Observation { state: State::Vanished, ..good() },
        Observation { state: State::Vanished, raw: None, ..good() },
        Observation { tag: None, proof: Proof::Claimed, ..vanished("1", 0) },
        Observation { tag: Some(String::new()), ..good() },
        Observation { tag: Some("a\nb".to_owned()), ..good() },
        Observation { repository: String::new(), ..good() },
        Observation { witness: "\u{1b}[2J".to_owned(), ..good() },
        Observation { vantage: Vantage::Mirror("a\0".to_owned()), ..good() },
        Observation { witness: "x".repeat(10_000), ..good() },
    ];
    for observation in refused {
        let error = ledger.observe(std::slice::from_ref(&observation)).unwrap_err();
        assert!(matches!(error, LedgerError::Invalid { .. }), "{observation:?}: {error}");
    }
    assert_eq!(ledger.status().unwrap().observations, 0);
}

pub(crate) fn a_refused_observation_takes_the_others_along(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let bad = Observation { raw: None, ..proved("2", "b", 0) };
    assert!(ledger.observe(&[proved("1", "a", 0), bad]).is_err());
    assert_eq!(ledger.status().unwrap(), ledger::Status::default());
    assert_eq!(ledger.observe(&[proved("1", "a", 0)]).unwrap().recorded, [Recorded::Row(1)]);
}

pub(crate) fn it_is_there_when_opened_again(url: &str) {
    Ledger::open(url).unwrap().observe(&[proved("1", "a", 0)]).unwrap();
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("1", "b", 1)]).unwrap();
    assert_eq!(told(&ledger, "1", &["a", "b"]), ["1 a proved 0..0 x1", "2 b proved 1..1 x1"]);
}

pub(crate) fn nothing_is_changed_or_removed(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    ledger.observe(&[proved("1", "a", 0), proved("1", "a", 1), proved("2", "b", 1)]).unwrap();
    let before = (told(&ledger, "1", &["a"]), ledger.status().unwrap());
    let refused = [
        "UPDATE observations SET tag = 'x'",
        "DELETE FROM observations WHERE sequence = 2",
        "INSERT INTO observations SELECT repository, 7, tag, digest, media_type, children, seen, vantage, proof, \
         witness, document, previous, hash, marks FROM observations WHERE sequence = 1",
        "INSERT INTO observations SELECT * FROM observations WHERE sequence = 1",
        "UPDATE documents SET size = 0",
        "DELETE FROM documents",
        "UPDATE sightings SET last = last - 1",
        "UPDATE sightings SET times = 0",
        "DELETE FROM sightings",
    ];
    let of_one = if url.starts_with("sqlite:") {
        vec![
            "INSERT OR REPLACE INTO observations SELECT * FROM observations WHERE sequence = 1",
            "INSERT OR REPLACE INTO documents SELECT * FROM documents",
        ]
    } else {
        vec!["TRUNCATE observations", "TRUNCATE documents", "TRUNCATE sightings", "TRUNCATE observations CASCADE"]
    };
    for statement in refused.into_iter().chain(of_one) {
        let said = raw(url, statement).expect_err(statement);
        assert!(said.contains("the ledger only grows"), "{statement}: {said}");
    }
    assert_eq!((told(&ledger, "1", &["a"]), ledger.status().unwrap()), before);
}

/// Many connections at one repository: every row follows the one before it.
pub(crate) fn writers_take_turns(url: &str) {
    Ledger::open(url).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..6 {
            scope.spawn(move || {
                let ledger = Ledger::open(url).unwrap();
                for round in 0..10 {
                    let tag = format!("{writer}");
                    ledger
                        .observe(&[proved(&tag, &format!("{writer}.{round}"), round), proved("all", &tag, round)])
                        .unwrap();
                }
            });
        }
    });
    let ledger = Ledger::open(url).unwrap();
    let rows = ledger.page(REPOSITORY, 0, 1000).unwrap();
    assert!(rows.iter().map(|e| e.sequence).eq(1..=rows.len() as u64));
    let own = rows.iter().filter(|e| e.observation.tag.as_deref() != Some("all")).count();
    assert_eq!(own, 60);
}

/// The tables are made once, whoever comes first.
pub(crate) fn many_open_it_at_once(url: &str) {
    std::thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || {
                let ledger = Ledger::open(url).unwrap();
                ledger.observe(&[proved(&format!("{writer}"), "a", 0)]).unwrap();
            });
        }
    });
    assert_eq!(Ledger::open(url).unwrap().status().unwrap().observations, 8);
}

pub(crate) fn status(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    assert_eq!(ledger.status().unwrap(), ledger::Status::default());
    ledger
        .observe(&[
            proved("1", "a", 3),
            proved("2", "b", 8),
            Observation { repository: "x/y".into(), ..proved("1", "a", 5) },
        ])
        .unwrap();
    let status = ledger.status().unwrap();
    assert_eq!((status.repositories, status.observations, status.documents), (2, 3, 2));
    assert_eq!(status.document_bytes, (manifest("a").len() + manifest("b").len()) as u64);
    assert_eq!((status.first, status.last), (Some(at(3)), Some(at(8))));
}
