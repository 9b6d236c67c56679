//! Maven's order (`ComparableVersion`, <https://maven.apache.org/pom.html#version-order-specification>): numbers, words
//! and lists of them; a dash or a change between digits and letters opens a list. Nothing is refused but an empty text.

use super::digits::is_number;
use std::cmp::Ordering;

/// How deep lists may lie; each dash opens one, so a longer chain is refused.
const DEEPEST: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Maven(Vec<Item>);

#[derive(Clone, Debug)]
enum Item {
    /// Digits without leading zeros; empty is zero.
    Number(String),
    Word(String),
    List(Vec<Item>),
}

impl Maven {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        let text = text.to_lowercase();
        let mut lists: Vec<Vec<Item>> = vec![Vec::new()];
        let mut digits = false;
        let mut start = 0;
        for (i, c) in text.char_indices() {
            let run = &text[start..i];
            match c {
                '.' | '-' => {
                    push(
                        &mut lists,
                        if run.is_empty() { Item::Number(String::new()) } else { item(digits, run, false) },
                    );
                    start = i + 1;
                    if c == '-' {
                        lists.push(Vec::new());
                    }
                }
                c if c.is_ascii_digit() => {
                    if !digits && !run.is_empty() {
                        open_for_word(&mut lists);
                        push(&mut lists, item(false, run, true));
                        start = i;
                        lists.push(Vec::new());
                    }
                    digits = true;
                }
                _ => {
                    if digits && !run.is_empty() {
                        push(&mut lists, item(true, run, false));
                        start = i;
                        lists.push(Vec::new());
                    }
                    digits = false;
                }
            }
            if lists.len() > DEEPEST {
                return Err("it has too many parts");
            }
        }
        if start < text.len() {
            if !digits {
                open_for_word(&mut lists);
            }
            push(&mut lists, item(digits, &text[start..], false));
        }
        Ok(Self(closed(lists)))
    }
}

fn push(lists: &mut [Vec<Item>], item: Item) {
    if let Some(list) = lists.last_mut() {
        list.push(item);
    }
}

/// `.word` means the same as `-word`.
fn open_for_word(lists: &mut Vec<Vec<Item>>) {
    if lists.last().is_some_and(|l| !l.is_empty()) {
        lists.push(Vec::new());
    }
}

/// Each list inside the one before it, without what means nothing at its end.
fn closed(mut lists: Vec<Vec<Item>>) -> Vec<Item> {
    let mut inner: Option<Vec<Item>> = None;
    while let Some(mut list) = lists.pop() {
        list.extend(inner.take().map(Item::List));
        normalise(&mut list);
        inner = Some(list);
    }
    inner.unwrap_or_default()
}

fn normalise(list: &mut Vec<Item>) {
    for i in (0..list.len()).rev() {
        if is_null(&list[i]) {
            list.remove(i);
        } else if !matches!(list[i], Item::List(_)) {
            break;
        }
    }
}

fn item(digits: bool, run: &str, before_digit: bool) -> Item {
    if digits && is_number(run) {
        return Item::Number(run.trim_start_matches('0').to_owned());
    }
    let word = match run {
        "a" if before_digit => "alpha",
        "b" if before_digit => "beta",
        "m" if before_digit => "milestone",
        "ga" | "final" | "release" => "",
        "cr" => "rc",
        word => word,
    };
    Item::Word(word.to_owned())
}

fn is_null(item: &Item) -> bool {
    match item {
        Item::Number(digits) => digits.is_empty(),
        Item::Word(word) => word.is_empty(),
        Item::List(list) => list.is_empty(),
    }
}

/// Where a word stands: the known ones, the release itself, `sp`, and then all others by letter.
fn rank(word: &str) -> (usize, &str) {
    const KNOWN: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
    KNOWN.iter().position(|k| *k == word).map_or((KNOWN.len(), word), |at| (at, ""))
}

pub(super) fn compare(a: &Maven, b: &Maven) -> Ordering {
    lists(&a.0, &b.0)
}

fn lists(a: &[Item], b: &[Item]) -> Ordering {
    for i in 0..a.len().max(b.len()) {
        let order = match (a.get(i), b.get(i)) {
            (Some(a), Some(b)) => items(a, b),
            (Some(a), None) => with_nothing(a),
            (None, Some(b)) => with_nothing(b).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// A number is newer than a list, a list newer than a word.
fn items(a: &Item, b: &Item) -> Ordering {
    match (a, b) {
        (Item::Number(a), Item::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        (Item::Word(a), Item::Word(b)) => rank(a).cmp(&rank(b)),
        (Item::List(a), Item::List(b)) => lists(a, b),
        (Item::Number(_), _) | (Item::List(_), Item::Word(_)) => Ordering::Greater,
        (_, Item::Number(_)) | (Item::Word(_), Item::List(_)) => Ordering::Less,
    }
}

fn with_nothing(item: &Item) -> Ordering {
    match item {
        Item::Number(digits) => {
            if digits.is_empty() {
                Ordering::Equal
            } else {
                Ordering::Greater
            }
        }
        Item::Word(word) => rank(word).cmp(&rank("")),
        Item::List(list) => list.iter().map(with_nothing).find(|o| o.is_ne()).unwrap_or(Ordering::Equal),
    }
}
