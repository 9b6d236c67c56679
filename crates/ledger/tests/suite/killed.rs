//! Real processes: one that is killed in the midst of writing loses no row that it had acknowledged, and many at once
//! leave one whole chain. The child is this very test binary, asked for one test by name.

use super::{REPOSITORY, proved};
use ledger::Ledger;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

const URL: &str = "PLIMSOLL_TEST_LEDGER";
const NAME: &str = "PLIMSOLL_TEST_WRITER";
const ROWS: &str = "PLIMSOLL_TEST_ROWS";
const ROUNDS: usize = 24;

/// The child: writes a row, then says so, until it has written them all or is killed. Without a ledger it is no child.
pub(crate) fn write_as_told() {
    let Ok(url) = std::env::var(URL) else { return };
    let name = std::env::var(NAME).unwrap();
    let rows: usize = std::env::var(ROWS).unwrap().parse().unwrap();
    let ledger = Ledger::open(&url).unwrap();
    let mut out = std::io::stdout().lock();
    for row in 0..rows {
        let tag = format!("{name}.{row}");
        ledger.observe(&[proved(&tag, &tag, 0)]).unwrap();
        writeln!(out, "\nack {tag}").and_then(|()| out.flush()).unwrap();
    }
}

fn child(test: &str, url: &str, name: &str, rows: usize) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .envs([(URL, url), (NAME, name), (ROWS, &rows.to_string())])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn acknowledged(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| line.strip_prefix("ack ")).map(str::to_owned)
}

fn tags(ledger: &Ledger) -> BTreeSet<String> {
    ledger.tags(REPOSITORY).unwrap().into_iter().filter_map(|e| e.observation.tag).collect()
}

/// kill -9 in a loop, each time after another number of rows.
pub(crate) fn a_killed_writer_loses_nothing(url: &str, test: &str) {
    Ledger::open(url).unwrap();
    let mut acks = BTreeSet::new();
    for round in 0..ROUNDS {
        let (mut child, mut out) = child(test, url, &format!("w{round}"), usize::MAX);
        let mut line = String::new();
        let mut heard = 0;
        while heard <= round % 7 {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the child has ended by itself");
            for tag in acknowledged(&line) {
                acks.insert(tag);
                heard += 1;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        // A line that was cut off by the kill acknowledges nothing.
        let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
        acks.extend(acknowledged(whole));
        let ledger = Ledger::open(url).unwrap();
        let lost: Vec<&String> = acks.iter().filter(|tag| !tags(&ledger).contains(*tag)).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
    }
    assert!(acks.len() >= ROUNDS * 3);
    assert_eq!(Ledger::open(url).unwrap().verify(None).unwrap().problems, []);
}

/// Six processes at one repository: every row is there, and the chain is whole.
pub(crate) fn many_processes_leave_one_chain(url: &str, test: &str) {
    let children: Vec<_> = (0..6).map(|n| child(test, url, &format!("p{n}"), 15)).collect();
    for (mut child, mut out) in children {
        let mut said = String::new();
        out.read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
        assert_eq!(acknowledged(&said).count(), 15, "{said}");
    }
    let ledger = Ledger::open(url).unwrap();
    let report = ledger.verify(None).unwrap();
    assert_eq!((report.observations, report.problems), (90, Vec::new()));
    assert_eq!(tags(&ledger).len(), 90);
}
