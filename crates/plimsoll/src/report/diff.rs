//! A unified diff of a text and its edit, line by line.
//!
//! The longest common sequence of lines is kept. Where the texts are too long for that, the lines of both belong together
//! by number if there are equally many, as most edits leave them, and else what differs is shown as one change.

use std::fmt::Write;
use std::ops::Range;

/// Lines around a change.
const CONTEXT: usize = 3;
/// The largest table of pairs of lines that is filled.
const MOST_PAIRS: usize = 4 << 20;

/// Lines of both texts in whose place each other stand; one of both may be empty.
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// The diff as `patch` and `git apply` take it; empty if nothing changed.
pub(crate) fn unified(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    let changes = changes(&kept(&old, &new), old.len(), new.len());
    let mut rest = &changes[..];
    while !rest.is_empty() {
        let joined = rest.windows(2).take_while(|pair| pair[1].old.start - pair[0].old.end <= 2 * CONTEXT).count();
        hunk(&mut out, &old, &new, &rest[..=joined]);
        rest = &rest[joined + 1..];
    }
    out
}

/// Pairs of lines that stay, in order.
fn kept(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let shorter = old.len().min(new.len());
    let head = (0..shorter).take_while(|at| old[*at] == new[*at]).count();
    let tail = (1..=shorter - head).take_while(|at| old[old.len() - at] == new[new.len() - at]).count();
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    let middle = longest(&old[head..old.len() - tail], &new[head..new.len() - tail]);
    pairs.extend(middle.into_iter().map(|(one, other)| (one + head, other + head)));
    pairs.extend((0..tail).rev().map(|at| (old.len() - 1 - at, new.len() - 1 - at)));
    pairs
}

/// The longest common sequence of lines.
fn longest(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > MOST_PAIRS {
        let by_number = (0..old.len()).filter(|at| old.len() == new.len() && old[*at] == new[*at]);
        return by_number.map(|at| (at, at)).collect();
    }
    let mut best = vec![0_u32; (old.len() + 1) * width];
    for one in (0..old.len()).rev() {
        for other in (0..new.len()).rev() {
            best[one * width + other] = match old[one] == new[other] {
                true => best[(one + 1) * width + other + 1] + 1,
                false => best[(one + 1) * width + other].max(best[one * width + other + 1]),
            };
        }
    }
    let (mut one, mut other, mut pairs) = (0, 0, Vec::new());
    while one < old.len() && other < new.len() {
        if old[one] == new[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if best[(one + 1) * width + other] >= best[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// What lies between the lines that stay.
fn changes(kept: &[(usize, usize)], old: usize, new: usize) -> Vec<Change> {
    let (mut from, mut out) = ((0, 0), Vec::new());
    for &(one, other) in kept.iter().chain([&(old, new)]) {
        if one > from.0 || other > from.1 {
            out.push(Change { old: from.0..one, new: from.1..other });
        }
        from = (one + 1, other + 1);
    }
    out
}

/// One hunk of changes that lie near each other, with the lines around them.
fn hunk(out: &mut String, old: &[&str], new: &[&str], changes: &[Change]) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return };
    let before = first.old.start.min(CONTEXT);
    let after = (old.len() - last.old.end).min(CONTEXT);
    let numbers = |from: usize, to: usize| format!("{},{}", from + usize::from(to > from), to - from);
    let (a, b) = (first.old.start - before, last.old.end + after);
    let (c, d) = (first.new.start - before, last.new.end + after);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", numbers(a, b), numbers(c, d));
    let mut at = a;
    for change in changes {
        old[at..change.old.start].iter().for_each(|text| line(out, ' ', text));
        old[change.old.clone()].iter().for_each(|text| line(out, '-', text));
        new[change.new.clone()].iter().for_each(|text| line(out, '+', text));
        at = change.old.end;
    }
    old[at..b].iter().for_each(|text| line(out, ' ', text));
}

fn line(out: &mut String, mark: char, text: &str) {
    out.push(mark);
    out.push_str(text);
    if !text.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn nothing_changed() {
        assert_eq!(unified("a", "x\n", "x\n"), "");
    }

    #[test]
    fn changes_with_what_is_around_them() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16";
        let after = before.replace("\n5\n", "\nfive\n").replace("\n6\n", "\nsix\n").replace("16", "end");
        assert_snapshot!(unified("a/b", before, &after), @r"
        --- a/a/b
        +++ b/a/b
        @@ -2,8 +2,8 @@
         2
         3
         4
        -5
        -6
        +five
        +six
         7
         8
         9
        @@ -13,4 +13,4 @@
         13
         14
         15
        -16
        \ No newline at end of file
        +end
        \ No newline at end of file
        ");
    }

    #[test]
    fn lines_that_came_and_went() {
        assert_eq!(unified("a", "x\n", "x\ny\n"), "--- a/a\n+++ b/a\n@@ -1,1 +1,2 @@\n x\n+y\n");
        assert_eq!(unified("a", "x\ny\n", "y\n"), "--- a/a\n+++ b/a\n@@ -1,2 +1,1 @@\n-x\n y\n");
        assert_eq!(unified("a", "", "y\n"), "--- a/a\n+++ b/a\n@@ -0,0 +1,1 @@\n+y\n");
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        let after = before.replace("\n2\n", "\n").replace("\n13\n", "\nthirteen\nand more\n");
        assert_snapshot!(unified("a", before, &after), @r"
        --- a/a
        +++ b/a
        @@ -1,5 +1,4 @@
         1
        -2
         3
         4
         5
        @@ -10,7 +9,8 @@
         10
         11
         12
        -13
        +thirteen
        +and more
         14
         15
         16
        ");
    }

    #[test]
    fn long_texts_of_equally_many_lines_are_told_apart_line_by_line() {
        let before: String = (0..3000).map(|number| format!("{number}\n")).collect();
        let after = before.replace("\n1\n", "\none\n").replace("\n2998\n", "\nlast\n");
        let diff = unified("a", &before, &after);
        assert_eq!(diff.matches("@@ -").count(), 2, "{diff}");
    }

    #[test]
    fn applied_to_the_first_text_it_gives_the_second() {
        let mut state = 7_u64;
        let mut next = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        for _ in 0..200 {
            let mut text = || (0..next(12)).map(|_| format!("{}\n", next(4))).collect::<String>();
            let (before, after) = (text(), text());
            assert_eq!(applied(&before, &unified("a", &before, &after)), after, "{before:?} {after:?}");
        }
    }

    /// Applies a diff without a look at anything but its numbers and marks.
    fn applied(before: &str, diff: &str) -> String {
        let (old, mut at, mut out) = (before.split_inclusive('\n').collect::<Vec<_>>(), 0, String::new());
        for text in diff.split_inclusive('\n').skip(2) {
            if let Some(numbers) = text.strip_prefix("@@ -") {
                let (from, rest) = numbers.split_once(',').unwrap();
                let none = rest.starts_with("0 ");
                let from = from.parse::<usize>().unwrap() - usize::from(!none);
                out.extend(old[at..from].iter().copied());
                at = from;
                continue;
            }
            match text.split_at(1) {
                ("+", text) => out.push_str(text),
                (mark, text) => {
                    assert_eq!(old[at], text);
                    at += 1;
                    if mark == " " {
                        out.push_str(text);
                    }
                }
            }
        }
        out.extend(old[at..].iter().copied());
        out
    }
}
