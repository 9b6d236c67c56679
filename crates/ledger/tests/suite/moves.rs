//! Moves are there until somebody ends them, and stay as they ended.

use super::{REPOSITORY, at};
use ledger::{Ledger, Move, MoveEnd};
use model::Digest;

fn wanted(tag: &str, old: Option<&str>, minutes: i64) -> Move {
    Move {
        repository: REPOSITORY.to_owned(),
        tag: tag.to_owned(),
        began: at(minutes),
        old: old.map(|text| Digest::of(text.as_bytes())),
        new: Digest::of(b"new"),
        reason: if tag == "1.4" { "a broken build".to_owned() } else { String::new() },
        ended: None,
    }
}

pub(crate) fn a_move_is_open_until_it_ends(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    let (first, second) = (wanted("1.4", Some("old"), 1), wanted("latest", None, 1));
    ledger.begin_moves(&[first.clone(), second.clone()]).unwrap();
    assert_eq!(ledger.open_moves().unwrap(), [first.clone(), second.clone()]);
    ledger.end_move(&first, at(2), MoveEnd::Done).unwrap();
    // It ended once, and as it ended it stays.
    ledger.end_move(&first, at(3), MoveEnd::Lost).unwrap();
    assert_eq!(ledger.open_moves().unwrap(), std::slice::from_ref(&second));
    let done = Move { ended: Some((at(2), MoveEnd::Done)), ..first.clone() };
    assert_eq!(ledger.moves(REPOSITORY).unwrap(), [done, second.clone()]);
    assert_eq!(ledger.moves("r.example/other").unwrap(), []);
    // All or none: one of these is there already.
    assert!(ledger.begin_moves(&[wanted("1.5", None, 1), first]).is_err());
    assert_eq!(ledger.open_moves().unwrap(), [second]);
}
