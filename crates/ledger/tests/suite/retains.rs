//! SBOMs are there, once, for their term, and as they were.

use super::{at, raw};
use ledger::{Bill, Ledger, LedgerError, NewBill};
use model::{Digest, Subject};

fn keep(ledger: &Ledger, image: &str, target: &str, document: &str, minutes: i64, until: i64) {
    let subject = Subject::Manifest(Digest::of(image.as_bytes()));
    let bill = NewBill {
        subject: &subject,
        target,
        platform: "linux/amd64",
        form: "cyclonedx-json@1.6",
        maker: "test 1",
        document: document.as_bytes(),
    };
    ledger.retain(bill, at(minutes), at(until)).unwrap();
}

/// One line a document: what it is called, what it says, from when to when.
fn told(ledger: &Ledger) -> Vec<String> {
    let minute = |bill: &Bill, last: bool| {
        (0..10_000).find(|&m| at(m) == if last { bill.last } else { bill.first }).unwrap_or(-1)
    };
    let bills = ledger.bills().unwrap();
    let line = |bill: &Bill| {
        let text = String::from_utf8(ledger.bill(bill).unwrap().unwrap()).unwrap();
        assert_eq!(bill.size, text.len() as u64);
        format!("{} {text} {}..{}", bill.target, minute(bill, false), minute(bill, true))
    };
    bills.iter().map(line).collect()
}

pub(crate) fn an_image_has_its_last_document(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    assert_eq!(ledger.bills().unwrap(), []);
    keep(&ledger, "one", "app:1", "a", 0, -100);
    keep(&ledger, "two", "app:2", "a", 1, -100);
    keep(&ledger, "one", "app:latest", "a", 5, -100);
    assert_eq!(told(&ledger), ["app:2 a 1..1", "app:latest a 0..5"]);
    // A better reader lists more: the last document counts, whatever came late.
    keep(&ledger, "one", "app:1", "a b", 7, -100);
    keep(&ledger, "one", "app:1", "a", 6, -100);
    assert_eq!(told(&ledger), ["app:1 a b 7..7", "app:2 a 1..1"]);
    let subject = Subject::Manifest(Digest::of(b"one"));
    let has = |target: &str, maker: &str, minutes: i64| ledger.has_bill(&subject, target, maker, at(minutes)).unwrap();
    assert!(has("app:1", "test 1", 7) && !has("app:1", "test 1", 8));
    assert!(!has("app:2", "test 1", 0) && !has("app:1", "test 2", 0));
}

pub(crate) fn what_is_past_its_term_goes(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    keep(&ledger, "one", "app:1", "a", 0, -100);
    keep(&ledger, "two", "app:2", "b", 10, -100);
    let gone = ledger.bills().unwrap().remove(0);
    keep(&ledger, "three", "app:3", "c", 20, 10);
    assert_eq!(told(&ledger), ["app:2 b 10..10", "app:3 c 20..20"]);
    assert_eq!(ledger.bill(&gone).unwrap(), None);
}

pub(crate) fn an_altered_document_is_refused(url: &str) {
    let ledger = Ledger::open(url).unwrap();
    keep(&ledger, "one", "app:1", "a", 0, -100);
    keep(&ledger, "two", "app:2", "b", 0, -100);
    raw(url, "UPDATE bills SET content = (SELECT content FROM bills WHERE target = 'app:2')").unwrap();
    let bills = ledger.bills().unwrap();
    assert!(matches!(ledger.bill(&bills[0]), Err(LedgerError::Altered { .. })));
    assert_eq!(ledger.bill(&bills[1]).unwrap().unwrap(), b"b");
    // The chain of observations has no part in it.
    assert!(ledger.verify(None).unwrap().problems.is_empty());
}
