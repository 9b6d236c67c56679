//! `cargo xtask proof versions`: our orders of versions against the tools that define them.
//!
//! Pairs are made of real versions (`testdata/versions/*.txt`) and of grammar-aware changes to them, always the same
//! for the same number. Of two versions that both sides read, the sign must be the same. What only one side reads is
//! counted and shown; the reasons are in `testdata/versions/README.md`. `--record` keeps a sample of the tools' own
//! answers, which `cargo test` then holds us to without the tools.

use std::cmp::Ordering;
use std::path::Path;

use model::{Version, VersionOrder};

use super::{oracles, pairs};
use crate::error::{Error, Result};
use crate::paths;
use crate::tools::{print, say};

/// Pairs of one order that are kept by `--record`.
const RECORDED: usize = 400;
/// Differences that are shown in full.
const SHOWN: usize = 12;

/// Our orders that a tool here can judge. NuGet's is held against its published cases, and the generic one is ours.
const JUDGED: [VersionOrder; 11] = [
    VersionOrder::Dpkg,
    VersionOrder::Rpm,
    VersionOrder::Apk,
    VersionOrder::Pacman,
    VersionOrder::Npm,
    VersionOrder::Cargo,
    VersionOrder::Python,
    VersionOrder::Maven,
    VersionOrder::Gem,
    VersionOrder::Composer,
    VersionOrder::Go,
];

/// What came of one order.
#[derive(Default)]
struct Tally {
    same: usize,
    both_refuse: usize,
    only_we_refuse: Vec<String>,
    only_they_refuse: Vec<String>,
    different: Vec<String>,
}

/// Runs the proof.
pub(crate) fn versions(options: &[&str]) -> Result<()> {
    let mut wanted = (10_000, false, None);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match *option {
            "--record" => wanted.1 = true,
            "--pairs" => {
                let error = Error::Option { option: "--pairs", wanted: "a number" };
                wanted.0 = rest.next().and_then(|n| n.parse().ok()).ok_or(error)?;
            }
            "--only" => wanted.2 = rest.next().copied(),
            _ => return Err(Error::Option { option: "proof versions", wanted: "--pairs N, --only ORDER or --record" }),
        }
    }
    let (count, record, only) = wanted;
    let mut wrong = 0;
    print(format_args!(
        "| order | tool | pairs | same | neither reads | only the tool reads | only we read | different |"
    ));
    print(format_args!("|---|---|---:|---:|---:|---:|---:|---:|"));
    for order in JUDGED.into_iter().filter(|o| only.is_none_or(|word| word == o.word())) {
        wrong += one(order, count, record)?;
    }
    if wrong == 0 { Ok(()) } else { Err(Error::Differences(wrong)) }
}

fn one(order: VersionOrder, count: usize, record: bool) -> Result<usize> {
    let folder = paths::workspace().join("testdata/versions");
    let real = paths::read(&folder.join(format!("{}.txt", order.word())))?;
    let real: Vec<&str> = real.lines().collect();
    let pairs = pairs::make(order, &real, count);
    let mut oracle = oracles::of(order)?;
    let answers = oracle.answer(&pairs)?;
    let mut tally = Tally::default();
    for ((a, b), theirs) in pairs.iter().zip(&answers) {
        tally.add(ours(order, a, b), *theirs, format!("{a} {b}: the tool says {theirs}"));
    }
    print(format_args!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |",
        order.word(),
        oracle.name(),
        pairs.len(),
        tally.same,
        tally.both_refuse,
        tally.only_we_refuse.len(),
        tally.only_they_refuse.len(),
        tally.different.len()
    ));
    for (what, list) in [
        ("different", &tally.different),
        ("only the tool reads", &tally.only_we_refuse),
        ("only we read", &tally.only_they_refuse),
    ] {
        list.iter().take(SHOWN).for_each(|line| say(format_args!("  {what}: {line}")));
    }
    if record {
        keep(order, &folder.join(format!("{}.tsv", order.word())), &pairs, &answers)?;
    }
    Ok(tally.different.len())
}

impl Tally {
    fn add(&mut self, ours: char, theirs: char, shown: String) {
        match (ours, theirs) {
            ('?', '?') => self.both_refuse += 1,
            ('?', _) => self.only_we_refuse.push(shown),
            (_, '?') => self.only_they_refuse.push(format!("{shown}, we {ours}")),
            _ if ours == theirs => self.same += 1,
            _ => self.different.push(format!("{shown}, we {ours}")),
        }
    }
}

/// Our answer: `?` if one of the two is no version.
fn ours(order: VersionOrder, a: &str, b: &str) -> char {
    let (Ok(a), Ok(b)) = (Version::parse(order, a), Version::parse(order, b)) else { return '?' };
    match a.compare(&b) {
        Some(Ordering::Less) => '<',
        Some(Ordering::Equal) => '=',
        Some(Ordering::Greater) => '>',
        None => '?',
    }
}

fn keep(order: VersionOrder, path: &Path, pairs: &[(String, String)], answers: &[char]) -> Result<()> {
    let step = (pairs.len() / RECORDED).max(1);
    // What only one side reads is the proof's to show.
    let agreed = |(pair, sign): &(&(String, String), &char)| (ours(order, &pair.0, &pair.1) == '?') == (**sign == '?');
    let rows =
        pairs.iter().zip(answers).step_by(step).filter(agreed).map(|((a, b), sign)| format!("{a}\t{sign}\t{b}\n"));
    paths::write(path, &rows.collect::<String>())
}
